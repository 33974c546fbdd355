package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/certledger/certledger/domain"
)

// export writes the stored bytes of a server's entries, a line each, and checks
// every line against its hash and that none lacks.
func (c *client) export(ctx context.Context, after uint64, w io.Writer) error {
	res, err := c.send(ctx, http.MethodGet, "/v1/ledger/export?after="+strconv.FormatUint(after, 10), nil, "Accept", "application/x-ndjson")
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it was read
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return asProblem(res, text)
	}
	until, err := strconv.ParseUint(res.Header.Get("Ledger-Position"), 10, 64)
	if err != nil {
		return fmt.Errorf("%s answers in a form that this version does not know", c.server)
	}
	if after > until {
		return fmt.Errorf("the ledger ends with entry %d, before --after %d", until, after)
	}
	in, out := bufio.NewReaderSize(res.Body, 1<<16), bufio.NewWriterSize(w, 1<<16)
	sequence := after
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return errors.Join(fmt.Errorf("the answer broke off after entry %d; ask again with --after %d", sequence, sequence), out.Flush())
		}
		sequence++
		stored, err := storedBytes(line, sequence)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(stored, '\n')); err != nil {
			return err
		}
	}
	if sequence != until {
		return errors.Join(fmt.Errorf("the answer ends with entry %d, not %d; ask again with --after %d", sequence, until, sequence), out.Flush())
	}
	return out.Flush()
}

// storedBytes takes the stored bytes out of a line, untouched, and compares them
// with their hash.
func storedBytes(line []byte, sequence uint64) ([]byte, error) {
	head, rest, ok := bytes.Cut(line, []byte(`,"stored":`))
	stored, closed := bytes.CutSuffix(bytes.TrimRight(rest, "\n"), []byte("}"))
	want := fmt.Sprintf(`{"sequence":%d,"hash":"%s"`, sequence, domain.HashOf(stored))
	if !ok || !closed || string(head) != want {
		return nil, fmt.Errorf("entry %d arrived altered, or out of order", sequence)
	}
	return bytes.Clone(stored), nil
}
