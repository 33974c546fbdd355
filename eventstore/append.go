package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
)

// Bounds of a write.
const (
	// PayloadMax is the largest payload, in bytes: 1 MiB less room for headers.
	PayloadMax = serverPayloadMax - 4096

	// AppendMax is how many entries one Append or AppendAll may hold.
	AppendMax = 1000

	// AppendBytesMax is how many bytes of payload one Append or AppendAll may
	// hold in all. The server buffers at most 128 MiB of unprocessed messages.
	AppendBytesMax = 32 << 20

	// batchesInFlightMax bounds the batches sent at the same time: by the
	// server's buffer (see AppendBytesMax) and its limit of 50 per stream.
	// The server stores one after the other anyway.
	batchesInFlightMax = 3
)

// Headers of JetStream that we send. Never Nats-Msg-Id: the guard already
// answers every retry with a conflict, and a reused id would silently drop
// another entry.
const (
	headerGuard         = "Nats-Expected-Last-Subject-Sequence"
	headerBatchID       = "Nats-Batch-Id"
	headerBatchSequence = "Nats-Batch-Sequence"
	headerBatchCommit   = "Nats-Batch-Commit"
)

// Write is what one writer wants to append to one subject.
type Write struct {
	// Subject is "<kind>/<id>" or "system".
	Subject string

	// After is the sequence of the last entry of Subject that the writer has
	// seen; 0 if none.
	After uint64

	// Payloads are stored as they are, in this order. At least one; each 1 to
	// PayloadMax bytes.
	Payloads [][]byte
}

// Append stores the entries of one write, all or none, and returns their
// sequences, which are consecutive. Once it returns nil they are on disk. The
// package comment says what an error means.
func (l *Log) Append(ctx context.Context, w Write) ([]uint64, error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.leave()
	if len(w.Payloads) != 1 {
		all, err := l.appendAll(ctx, []Write{w})
		if err != nil {
			return nil, fmt.Errorf("append to %s: %w", subjectText(w.Subject), err)
		}
		return all[0], nil
	}
	sequence, err := l.appendOne(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("append to %s: %w", subjectText(w.Subject), err)
	}
	return []uint64{sequence}, nil
}

// AppendAll stores the entries of several writes, all or none, each write
// guarded by its own After. No two writes may have the same subject; together
// they may hold AppendMax entries. The sequences are returned in the same
// shape and are consecutive over all writes. Once it returns nil the entries
// are on disk.
func (l *Log) AppendAll(ctx context.Context, writes []Write) ([][]uint64, error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.leave()
	sequences, err := l.appendAll(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("append to %d subjects: %w", len(writes), err)
	}
	return sequences, nil
}

// subjectText is for errors, where a malformed subject may be anything.
func subjectText(subject string) string {
	if CheckSubject(subject) != nil {
		return "a malformed subject"
	}
	return subject
}

func (l *Log) appendOne(ctx context.Context, w Write) (uint64, error) {
	subject, err := toNATS(w.Subject)
	if err != nil {
		return 0, err
	}
	if err := checkPayload(w.Payloads[0]); err != nil {
		return 0, err
	}
	if err := l.mayWrite(ctx); err != nil {
		return 0, err
	}
	ack, err := l.publish(ctx, &nats.Msg{
		Subject: subject,
		Header:  nats.Header{headerGuard: {strconv.FormatUint(w.After, 10)}},
		Data:    w.Payloads[0],
	})
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

func (l *Log) appendAll(ctx context.Context, writes []Write) ([][]uint64, error) {
	subjects, total, err := checkWrites(writes)
	if err != nil {
		return nil, err
	}
	if total == 1 {
		sequence, err := l.appendOne(ctx, writes[0])
		return [][]uint64{{sequence}}, err
	}
	select {
	case l.batches <- struct{}{}:
		defer func() { <-l.batches }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := l.mayWrite(ctx); err != nil {
		return nil, err
	}
	last, err := l.publishBatch(ctx, subjects, writes, total)
	if err != nil {
		return nil, err
	}
	next := last - uint64(total) + 1
	sequences := make([][]uint64, len(writes))
	for i, w := range writes {
		sequences[i] = make([]uint64, len(w.Payloads))
		for j := range w.Payloads {
			sequences[i][j] = next
			next++
		}
	}
	return sequences, nil
}

// checkWrites returns the NATS subject of each write and the number of entries.
func checkWrites(writes []Write) (subjects []string, total int, err error) {
	subjects = make([]string, len(writes))
	seen := make(map[string]bool, len(writes))
	size := 0
	for i, w := range writes {
		if subjects[i], err = toNATS(w.Subject); err != nil {
			return nil, 0, err
		}
		if seen[w.Subject] {
			return nil, 0, fmt.Errorf("%w: two writes to %s", ErrInvalid, w.Subject)
		}
		seen[w.Subject] = true
		if len(w.Payloads) == 0 {
			return nil, 0, fmt.Errorf("%w: a write to %s without a payload", ErrInvalid, w.Subject)
		}
		for _, p := range w.Payloads {
			if err := checkPayload(p); err != nil {
				return nil, 0, err
			}
			size += len(p)
		}
		total += len(w.Payloads)
	}
	switch {
	case total == 0:
		return nil, 0, fmt.Errorf("%w: nothing to write", ErrInvalid)
	case total > AppendMax:
		return nil, 0, fmt.Errorf("%w: %d entries at once, at most %d", ErrTooLarge, total, AppendMax)
	case size > AppendBytesMax:
		return nil, 0, fmt.Errorf("%w: %d bytes at once, at most %d", ErrTooLarge, size, AppendBytesMax)
	}
	return subjects, total, nil
}

func checkPayload(p []byte) error {
	switch {
	case len(p) == 0:
		return fmt.Errorf("%w: an empty payload", ErrInvalid)
	case len(p) > PayloadMax:
		return fmt.Errorf("%w: a payload of %d bytes, at most %d", ErrTooLarge, len(p), PayloadMax)
	}
	return nil
}

// mayWrite returns why a write must not be sent.
func (l *Log) mayWrite(ctx context.Context) error {
	if r := l.refused.Load(); r != nil {
		return r.err
	}
	return ctx.Err()
}

// publishBatch sends the entries as one atomic batch and returns the sequence
// of the last. The server stages them and judges all guards when the last one
// commits, against the state before the batch; so the guard of a subject goes
// on its first entry only.
func (l *Log) publishBatch(ctx context.Context, subjects []string, writes []Write, total int) (uint64, error) {
	id := l.batchID + "-" + strconv.FormatUint(l.batchCount.Add(1), 10)
	// Publishing encodes the header at once, so all messages share this one.
	sequence, guard := []string{""}, []string{""}
	header := nats.Header{headerBatchID: {id}, headerBatchSequence: sequence}
	n := 0
	for i, w := range writes {
		guard[0] = strconv.FormatUint(w.After, 10)
		header[headerGuard] = guard
		for _, p := range w.Payloads {
			n++
			sequence[0] = strconv.Itoa(n)
			m := &nats.Msg{Subject: subjects[i], Header: header, Data: p}
			if n == total {
				header[headerBatchCommit] = []string{"1"}
				ack, err := l.publish(ctx, m)
				if err == nil && ack.Count != total {
					err = fmt.Errorf("%w: acknowledged %d entries of %d", ErrUnknownOutcome, ack.Count, total)
				}
				return ack.Sequence, err
			}
			// What was sent so far the server drops when no more comes.
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			if err := l.nc.PublishMsg(m); err != nil {
				return 0, fmt.Errorf("%w: entry %d of %d: %w", ErrUnavailable, n, total, err)
			}
			delete(header, headerGuard)
		}
	}
	panic("eventstore: batch without a last entry")
}

// acknowledgement is JetStream's answer to a write.
type acknowledgement struct {
	Error    *apiError `json:"error"`
	Stream   string    `json:"stream"`
	Sequence uint64    `json:"seq"`
	Count    int       `json:"count"` // entries in the batch
}

// publish sends a message and waits until it is stored or refused.
func (l *Log) publish(ctx context.Context, m *nats.Msg) (acknowledgement, error) {
	wait, cancel := context.WithTimeout(ctx, l.cfg.AppendTimeout)
	defer cancel()
	answer, err := l.nc.RequestMsgWithContext(wait, m)
	if err != nil {
		l.examine()
		return acknowledgement{}, sendError(err)
	}
	var ack acknowledgement
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return acknowledgement{}, fmt.Errorf("%w: the server's answer: %w", ErrUnknownOutcome, err)
	}
	if ack.Error != nil {
		return acknowledgement{}, l.refusedBy(ctx, ack.Error)
	}
	if ack.Stream != streamName || ack.Sequence == 0 {
		return acknowledgement{}, fmt.Errorf("%w: the server's answer names stream %.40q, sequence %d",
			ErrUnknownOutcome, ack.Stream, ack.Sequence)
	}
	return ack, nil
}

// refusedBy turns a refusal into the error for the writer. All but a conflict
// may mean that the stream is no longer what it must be.
func (l *Log) refusedBy(ctx context.Context, e *apiError) error {
	kind := e.kind()
	if kind == ErrConflict {
		return fmt.Errorf("%w: %w", kind, e)
	}
	l.examine()
	if err := l.checkConfig(ctx); isConfigError(err) || errors.Is(err, ErrNoStream) {
		return l.refused.Load().err
	}
	return fmt.Errorf("%w: %w", kind, e)
}
