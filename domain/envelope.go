package domain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	fastjson "github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

// EngineVersion names the semantics of Assess. Results depend on it; old
// versions stay runnable.
const EngineVersion = "certledger-review-1"

const (
	specVersion  = "1.0"
	contentType  = "application/json"
	typePrefix   = "certledger."
	recordedForm = "2006-01-02T15:04:05.000Z"
)

// Envelope is the stored form of an entry: a CloudEvent 1.0 in structured
// JSON, in this order of fields. Stored bytes are for ever: a new form is a new
// type version beside the old one.
type Envelope struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Type            string          `json:"type"`
	Source          string          `json:"source"`
	Subject         Subject         `json:"subject"`
	Time            string          `json:"time"`         // when it happened, offset fixed at the door
	RecordedTime    string          `json:"recordedtime"` // the writing node's clock, UTC, milliseconds
	Version         uint64          `json:"version"`      // 1, 2, 3 … on its subject
	Previous        string          `json:"previous,omitempty"`
	Nonce           string          `json:"nonce"`
	Actor           Actor           `json:"actor"`
	ActorRole       string          `json:"actorrole"`
	CommandID       string          `json:"commandid"`
	CommandHash     string          `json:"commandhash"` // fingerprint of the command's body, keyed
	CorrelationID   string          `json:"correlationid,omitempty"`
	CausationID     string          `json:"causationid,omitempty"`
	TraceParent     string          `json:"traceparent,omitempty"`
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`
}

// Header is what the writer adds to an event to make an entry of it.
type Header struct {
	Ledger        string // ledger id; the source is urn:certledger:<id>
	Subject       Subject
	Time          time.Time
	Recorded      time.Time
	Version       uint64
	Previous      string // hash of the entry before on the subject, empty for the first
	Nonce         string // 128 random bits, 32 hexadecimal digits
	Actor         Actor
	ActorRole     string
	CommandID     string
	CommandHash   string
	Index         int // which of the command's events this is, from 0
	CorrelationID string
	CausationID   string
	TraceParent   string
}

// Entry is an event as the ledger recorded it. Its Hash is over the stored
// bytes and never over a value encoded again.
type Entry struct {
	Sequence    uint64
	Hash        string
	ID          string
	Type        string
	Subject     Subject
	Time        time.Time
	Recorded    time.Time
	Version     uint64
	Previous    string
	Actor       Actor
	ActorRole   string
	CommandID   string
	CommandHash string
	Event       Event
}

// HashOf is the hash of stored bytes as entries carry it: "sha256:" and 64
// hexadecimal digits.
func HashOf(payload []byte) string {
	sum := sha256.Sum256(payload)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// EventID derives the id of a command's event, a version 8 UUID, so that a
// command tried again makes the same ids and meets its own guard.
func EventID(commandID string, index int) string {
	return derivedUUID(fmt.Sprintf("certledger event 1\x00%d\x00%s", index, commandID))
}

// NewID derives the identifier of something that a command creates: 128 bits
// as 32 hexadecimal digits. Kind keeps two things of one command apart.
func NewID(commandID, kind string) string {
	sum := sha256.Sum256([]byte("certledger id 1\x00" + kind + "\x00" + commandID))
	return hex.EncodeToString(sum[:16])
}

func derivedUUID(from string) string {
	sum := sha256.Sum256([]byte(from))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// Encode makes the bytes to store. Sealed groups must be in the event already;
// an event that still holds personal data in the clear is refused.
func Encode(e Event, h Header) ([]byte, error) {
	if len(e.common().Personal) > 0 {
		return nil, fmt.Errorf("encode %s: personal groups are not sealed", e.Type())
	}
	data, err := encodeData(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Type(), err)
	}
	env := Envelope{
		SpecVersion: specVersion, ID: EventID(h.CommandID, h.Index), Type: typePrefix + e.Type(),
		Source: "urn:certledger:" + h.Ledger, Subject: h.Subject,
		Time: fixed(h.Time).Format(time.RFC3339), RecordedTime: h.Recorded.UTC().Format(recordedForm),
		Version: h.Version, Previous: h.Previous, Nonce: h.Nonce,
		Actor: h.Actor, ActorRole: h.ActorRole, CommandID: h.CommandID, CommandHash: h.CommandHash,
		CorrelationID: h.CorrelationID, CausationID: h.CausationID, TraceParent: h.TraceParent,
		DataContentType: contentType, Data: data,
	}
	return encodeJSON(env)
}

func encodeData(e Event) ([]byte, error) { return encodeJSON(e) }

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

var strict = fastjson.RejectUnknownMembers(true)

// Decode reads stored bytes back. It fails closed: an unknown type, an unknown
// field, or an event on a subject of the wrong kind is an error.
func Decode(sequence uint64, payload []byte) (Entry, error) {
	env, ok := asEncoded(payload)
	if !ok {
		if err := fastjson.Unmarshal(payload, &env, strict); err != nil {
			return Entry{}, fmt.Errorf("entry %d: envelope is not what this version reads: %w", sequence, shapeOnly(err))
		}
	}
	name, known := cutTypePrefix(env.Type)
	if !known || env.SpecVersion != specVersion {
		return Entry{}, fmt.Errorf("entry %d: not a certledger event of a version known here", sequence)
	}
	v, known := vocabulary[name]
	if !known {
		return Entry{}, fmt.Errorf("entry %d: event type %s is not known to this version", sequence, name)
	}
	if env.Subject.Check() != nil {
		return Entry{}, fmt.Errorf("entry %d: not a subject of the ledger", sequence)
	}
	if !v.on(env.Subject.Kind()) {
		return Entry{}, fmt.Errorf("entry %d: %s does not belong on a %s", sequence, name, env.Subject.Kind())
	}
	event := v.make()
	if err := fastjson.Unmarshal(env.Data, event, strict); err != nil {
		return Entry{}, fmt.Errorf("entry %d: data of %s is not what this version reads: %w", sequence, name, shapeOnly(err))
	}
	at, err := time.ParseInLocation(time.RFC3339, env.Time, time.UTC)
	if err != nil {
		return Entry{}, fmt.Errorf("entry %d: time is not RFC 3339", sequence)
	}
	recorded, err := time.ParseInLocation(recordedForm, env.RecordedTime, time.UTC)
	if err != nil {
		return Entry{}, fmt.Errorf("entry %d: recorded time is not RFC 3339 in UTC with milliseconds", sequence)
	}
	return Entry{
		Sequence: sequence, Hash: HashOf(payload), ID: env.ID, Type: name, Subject: env.Subject,
		Time: fixed(at), Recorded: recorded.UTC(), Version: env.Version, Previous: env.Previous,
		Actor: env.Actor, ActorRole: env.ActorRole, CommandID: env.CommandID, CommandHash: env.CommandHash, Event: event,
	}, nil
}

// asEncoded reads an envelope that stands exactly as Encode writes it: its fields
// in order, without blanks or escapes. Anything else is left to the general
// reader; the two agree on whatever both read.
func asEncoded(payload []byte) (env Envelope, ok bool) {
	const data = `,"data":`
	at := bytes.Index(payload, []byte(data))
	if at < 0 || payload[len(payload)-1] != '}' {
		return Envelope{}, false
	}
	rest, version := string(payload[:at]), ""
	for _, f := range [...]struct {
		lead     string
		into     *string
		optional bool
	}{
		{`{"specversion":"`, &env.SpecVersion, false},
		{`,"id":"`, &env.ID, false},
		{`,"type":"`, &env.Type, false},
		{`,"source":"`, &env.Source, false},
		{`,"subject":"`, (*string)(&env.Subject), false},
		{`,"time":"`, &env.Time, false},
		{`,"recordedtime":"`, &env.RecordedTime, false},
		{`,"version":`, &version, false},
		{`,"previous":"`, &env.Previous, true},
		{`,"nonce":"`, &env.Nonce, false},
		{`,"actor":"`, (*string)(&env.Actor), false},
		{`,"actorrole":"`, &env.ActorRole, false},
		{`,"commandid":"`, &env.CommandID, false},
		{`,"commandhash":"`, &env.CommandHash, false},
		{`,"correlationid":"`, &env.CorrelationID, true},
		{`,"causationid":"`, &env.CausationID, true},
		{`,"traceparent":"`, &env.TraceParent, true},
		{`,"datacontenttype":"`, &env.DataContentType, false},
	} {
		if !strings.HasPrefix(rest, f.lead) {
			if f.optional {
				continue
			}
			return Envelope{}, false
		}
		rest = rest[len(f.lead):]
		end := byte('"')
		if f.into == &version {
			end = ','
		}
		i := strings.IndexByte(rest, end)
		if i < 0 || !plain(rest[:i]) {
			return Envelope{}, false
		}
		*f.into = rest[:i]
		if rest = rest[i:]; end == '"' {
			rest = rest[1:]
		}
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != version || rest != "" {
		return Envelope{}, false
	}
	// States keep these for long; they must not keep the whole envelope.
	env.Version, env.Subject = n, Subject(strings.Clone(string(env.Subject)))
	env.Actor, env.ActorRole = Actor(strings.Clone(string(env.Actor))), strings.Clone(env.ActorRole)
	env.Data = payload[at+len(data) : len(payload)-1]
	return env, true
}

// plain reports whether JSON writes a string as it is: printable ASCII without
// quote or backslash.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func cutTypePrefix(t string) (string, bool) {
	if len(t) <= len(typePrefix) || t[:len(typePrefix)] != typePrefix {
		return "", false
	}
	return t[len(typePrefix):], true
}

// shapeOnly keeps where a JSON error is and drops the values that encoders like to quote.
func shapeOnly(err error) error {
	if s, ok := err.(*fastjson.SemanticError); ok {
		return fmt.Errorf("at %s", s.JSONPointer)
	}
	return fmt.Errorf("malformed JSON")
}
