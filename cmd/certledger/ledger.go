package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/certledger/certledger/eventstore"
	"github.com/spf13/cobra"
)

func (a *app) ledger() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Read and check the ledger itself",
		Example: `  certledger ledger check --data ledger
  certledger ledger export --data ledger --out ledger.jsonl`,
	}
	cmd.AddCommand(a.ledgerExport(), a.ledgerCheck())
	return cmd
}

func (a *app) ledgerExport() *cobra.Command {
	var (
		data, out string
		after     uint64
		server    serverFlags
	)
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write every entry as it is stored, one JSON object a line",
		Long: `Write every entry as it is stored, byte for byte, one JSON object a line, in the
ledger's order: line 1 is entry 1. Each holds the hash of the entry before it on
its subject, so that an export can be checked by itself. Personal values in it
are sealed.

Ask a running server (--server, --token), or read the directory of one that is
stopped (--data).`,
		Example: `  certledger ledger export --data ledger --out ledger.jsonl
  certledger ledger export --server http://127.0.0.1:8080 --after 1200 | head`,
		Args: takes(0, 0, ""),
	}
	cmd.Flags().StringVar(&data, "data", "", "the data `directory` of a stopped server")
	cmd.Flags().StringVar(&out, "out", "", "write to this `file`, which is put in place when it is complete")
	cmd.Flags().Uint64Var(&after, "after", 0, "leave out the entries up to this `sequence`")
	server.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		directory, err := a.isDirectory(data, server.server)
		if err != nil {
			return err
		}
		write := func(ctx context.Context, w io.Writer) error {
			if directory {
				return a.exportDirectory(ctx, place(data), after, w)
			}
			c, err := server.client()
			if err != nil {
				return err
			}
			return c.export(ctx, after, w)
		}
		if out == "" {
			return write(cmd.Context(), a.out)
		}
		return writeFile(out, func(w io.Writer) error { return write(cmd.Context(), w) })
	}
	return cmd
}

func (a *app) exportDirectory(ctx context.Context, at place, after uint64, w io.Writer) (err error) {
	log, err := openLedger(ctx, at, a.quietLogger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	b := bufio.NewWriterSize(w, 1<<16)
	err = log.Read(ctx, after, 0, func(e eventstore.Stored) error {
		if bytes.IndexByte(e.Payload, '\n') >= 0 {
			return fmt.Errorf("entry %d holds a line break, so a line cannot hold it", e.Sequence)
		}
		_, _ = b.Write(e.Payload)
		return b.WriteByte('\n')
	})
	var tail *eventstore.TailError
	if errors.As(err, &tail) && after > tail.Head {
		return fmt.Errorf("the ledger ends with entry %d, before --after %d", tail.Head, after)
	}
	return errors.Join(err, b.Flush())
}

// writeFile writes a file beside its name, which its user alone can read, and puts
// it in place when it is whole.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return errors.New(plain(err))
	}
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return errors.Join(errors.New(plain(err)), os.Remove(f.Name()))
	}
	return nil
}
