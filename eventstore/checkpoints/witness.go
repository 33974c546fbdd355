package checkpoints

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/certledger/certledger/eventstore/proof"
)

const (
	// witnessMax is how long one witness may take.
	witnessMax = 3 * time.Second

	// conflictsMax is how often one witness is asked again in one attempt
	// because it knows another size than was thought.
	conflictsMax = 2
)

// ErrAlarm says that a witness has cosigned a tree that is no beginning of ours.
// One of the two is a fork, or ours was rolled back.
var ErrAlarm = errors.New("a witness knows another history of this ledger")

// witness is one whom we ask to cosign (C2SP tlog-witness).
type witness struct {
	name, url string
	size      uint64 // of the tree that it has cosigned last, as far as is known
}

func witnessesOf(p *proof.Policy) []*witness {
	var out []*witness
	for _, w := range p.Witnesses() {
		if w.URL != "" {
			out = append(out, &witness{name: w.Name, url: strings.TrimSuffix(w.URL, "/") + "/add-checkpoint"})
		}
	}
	return out
}

// cosign asks all witnesses at once, adds what they sign, and holds the policy's
// quorum.
func (p *Publisher) cosign(ctx context.Context, t Tree, size uint64, signed []byte) ([]byte, error) {
	if p.cfg.Policy == nil {
		return signed, nil
	}
	answers := make([][]byte, len(p.witnesses))
	errs := make([]error, len(p.witnesses))
	var wait sync.WaitGroup
	for i, w := range p.witnesses {
		wait.Go(func() { answers[i], errs[i] = w.ask(ctx, p.cfg.HTTP, t, size, signed) })
	}
	wait.Wait()
	for i, w := range p.witnesses {
		if errors.Is(errs[i], ErrAlarm) {
			p.cfg.Logger.Error("a witness raises an alarm: compare its checkpoint with ours, and take it out of --witnesses if it is the one that is wrong", "witness", w.name, "error", errs[i])
			if p.cfg.Policy.Quorate() {
				p.Stop(errs[i])
				return nil, errs[i]
			}
		}
		if errs[i] == nil {
			var merged []byte
			if merged, errs[i] = p.cfg.Policy.Merge(signed, answers[i]); errs[i] == nil {
				signed = merged
			}
		}
		if errs[i] != nil {
			p.cfg.Logger.Warn("a witness has not cosigned", "witness", w.name, "error", errs[i])
		}
	}
	if _, err := p.cfg.Policy.Open(signed); err != nil {
		return nil, err
	}
	return signed, nil
}

// ask is a conversation with one witness: its signature lines.
func (w *witness) ask(ctx context.Context, client *http.Client, t Tree, size uint64, signed []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, witnessMax)
	defer cancel()
	for range conflictsMax + 1 {
		if w.size > size {
			return nil, fmt.Errorf("%w: %s has cosigned %d entries, and there are %d", ErrAlarm, w.name, w.size, size)
		}
		between, err := proof.Consistency(t.Hashes, w.size, size)
		if err != nil {
			return nil, err
		}
		body, err := proof.AddCheckpoint(w.size, between, signed)
		if err != nil {
			return nil, err
		}
		status, answer, err := post(ctx, client, w.url, body)
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusOK:
			w.size = size
			return answer, nil
		case status == http.StatusUnprocessableEntity:
			return nil, fmt.Errorf("%w: %s", ErrAlarm, w.name)
		case status != http.StatusConflict:
			return nil, fmt.Errorf("it answers %d", status)
		}
		known, err := proof.ParseConflict(answer)
		if err != nil {
			return nil, err
		}
		if known == w.size {
			return nil, fmt.Errorf("%w: %s has another tree of %d entries", ErrAlarm, w.name, known)
		}
		w.size = known
	}
	return nil, errors.New("it names another size each time")
}

func post(ctx context.Context, client *http.Client, url string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, errors.New("its URL is none")
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	answer, err = io.ReadAll(io.LimitReader(res.Body, proof.CheckpointMax))
	return res.StatusCode, answer, errors.Join(err, res.Body.Close())
}
