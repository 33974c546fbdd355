package eventstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// streamConfig is what Create asks for. Limits, ages and roll-ups are unset:
// each of them deletes entries.
func streamConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:         streamName,
		Subjects:     []string{subjectAll},
		Storage:      jetstream.FileStorage,
		Retention:    jetstream.LimitsPolicy,
		Discard:      jetstream.DiscardNew,
		Replicas:     1,
		MaxConsumers: -1,
		MaxMsgs:      -1,
		MaxBytes:     -1,
		MaxMsgSize:   -1,
		Compression:  jetstream.NoCompression,
		// Without message ids nothing is ever looked up in this window; it is
		// stated because a server's default might change.
		Duplicates:         2 * time.Minute,
		DenyDelete:         true,
		DenyPurge:          true,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
}

// expectedConfig is the stream's configuration as the server must report it,
// by its names. A setting that is not here must be unset, whatever it is, so a
// setting that a later server invents is noticed.
var expectedConfig = map[string]any{
	"name":                 streamName,
	"subjects":             []string{subjectAll},
	"retention":            "limits",
	"max_consumers":        -1,
	"max_msgs":             -1,
	"max_bytes":            -1,
	"max_msgs_per_subject": -1,
	"max_msg_size":         -1,
	"discard":              "new",
	"storage":              "file",
	"num_replicas":         1,
	"duplicate_window":     2 * time.Minute,
	"compression":          "none",
	"allow_direct":         true,
	"deny_delete":          true,
	"deny_purge":           true,
	"allow_atomic":         true,
}

// compareConfig returns nil where found is ours.
func compareConfig(found map[string]json.RawMessage) error {
	expected := make(map[string]string, len(expectedConfig))
	for name, v := range expectedConfig {
		b, err := json.Marshal(v)
		if err != nil {
			panic("eventstore: expected configuration: " + err.Error())
		}
		expected[name] = settingText(b)
	}
	var diff []Difference
	for name, raw := range found {
		text := settingText(raw)
		if name == "metadata" {
			text = foreignMetadata(raw)
		}
		if text != expected[name] {
			diff = append(diff, Difference{Setting: name, Expected: expected[name], Found: text})
		}
	}
	for name, text := range expected {
		if _, ok := found[name]; !ok && text != "" {
			diff = append(diff, Difference{Setting: name, Expected: text})
		}
	}
	if len(diff) == 0 {
		return nil
	}
	slices.SortFunc(diff, func(a, b Difference) int { return cmp.Compare(a.Setting, b.Setting) })
	return &ConfigError{Differences: diff}
}

// settingText is a value's JSON, or "" for one that means unset.
func settingText(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(raw)
	}
	switch s := b.String(); s {
	case "null", "false", "0", `""`, "[]", "{}":
		return ""
	default:
		return s
	}
}

// foreignMetadata leaves out what the server itself notes about its version.
func foreignMetadata(raw json.RawMessage) string {
	var m map[string]string
	if err := json.Unmarshal(raw, &m); err != nil {
		return settingText(raw)
	}
	maps.DeleteFunc(m, func(k, _ string) bool { return strings.HasPrefix(k, "_nats.") })
	b, err := json.Marshal(m)
	if err != nil {
		panic("eventstore: metadata: " + err.Error())
	}
	return settingText(b)
}

// streamInfo is the part of JetStream's answer that we use.
type streamInfo struct {
	Error  *apiError                  `json:"error"`
	Config map[string]json.RawMessage `json:"config"`
	State  streamState                `json:"state"`
}

type streamState struct {
	Messages   uint64   `json:"messages"`
	FirstSeq   uint64   `json:"first_seq"`
	LastSeq    uint64   `json:"last_seq"`
	NumDeleted int      `json:"num_deleted"`
	Deleted    []uint64 `json:"deleted"`
	Lost       *struct {
		Msgs []uint64 `json:"msgs"`
	} `json:"lost"`
}

// info asks for the stream's configuration and state; with deleted, also which
// sequences are missing between first and last.
func (l *Log) info(ctx context.Context, deleted bool) (*streamInfo, error) {
	var body []byte
	if deleted {
		body = []byte(`{"deleted_details":true}`)
	}
	answer, err := l.request(ctx, "$JS.API.STREAM.INFO."+streamName, body)
	if err != nil {
		return nil, err
	}
	var info streamInfo
	if err := json.Unmarshal(answer.Data, &info); err != nil {
		return nil, fmt.Errorf("%w: stream information: %w", ErrUnavailable, err)
	}
	if e := info.Error; e != nil {
		if e.ErrCode == codeStreamNotFound {
			return nil, fmt.Errorf("%w: %w", ErrNoStream, e)
		}
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, e)
	}
	return &info, nil
}

// request asks the server something that changes nothing.
func (l *Log) request(ctx context.Context, subject string, body []byte) (*nats.Msg, error) {
	if !l.srv.JetStreamEnabled() { // it would leave some questions unanswered
		return nil, fmt.Errorf("%w: JetStream is disabled", ErrUnavailable)
	}
	wait, cancel := context.WithTimeout(ctx, l.cfg.AnswerTimeout)
	defer cancel()
	answer, err := l.nc.RequestWithContext(wait, subject, body)
	if err == nil {
		return answer, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: no answer within %s", ErrUnavailable, l.cfg.AnswerTimeout)
	}
	return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Head returns the sequence of the last entry; 0 for an empty ledger.
func (l *Log) Head(ctx context.Context) (uint64, error) {
	if err := l.enter(); err != nil {
		return 0, err
	}
	defer l.leave()
	return l.head(ctx)
}

func (l *Log) head(ctx context.Context) (uint64, error) {
	info, err := l.info(ctx, false)
	if err != nil {
		return 0, fmt.Errorf("read the ledger's head: %w", err)
	}
	return info.State.LastSeq, nil
}
