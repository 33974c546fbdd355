package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	fastjson "github.com/go-json-experiment/json"
)

const (
	// EntryMax is the longest entry that is read here, in bytes of its stored
	// form: what a stream takes as one message.
	EntryMax = 1 << 20

	specVersion  = "1.0"             // of CloudEvents, in every entry
	typePrefix   = "certledger."     // before the type of every event
	sourcePrefix = "urn:certledger:" // before the ledger's id in every entry
)

// chain is how far the entries of one subject have been followed: 1, 2, 3 … without
// a hole, each bound to the bytes of the one before it.
type chain struct {
	subject domain.Subject
	head    domain.Head
}

// follow takes the next entry of the subject.
func (c *chain) follow(e *domain.Entry) *Failure {
	where := entryAt(e.Sequence)
	switch {
	case e.Subject != c.subject:
		return failed(CodeChain, where, "it is about %s and not about %s", e.Subject, c.subject)
	case e.Version != c.head.Version+1:
		return failed(CodeChain, where, "it is version %d of %s, where version %d comes next: an entry is missing, or stands twice", e.Version, e.Subject, c.head.Version+1)
	case e.Previous != c.head.Hash:
		return failed(CodeChain, where, "it follows another version %d of %s than the one that is there", c.head.Version, e.Subject)
	case e.Sequence <= c.head.Sequence:
		return failed(CodeChain, where, "it stands before version %d of %s", c.head.Version, e.Subject)
	}
	c.head = domain.Head{Version: e.Version, Sequence: e.Sequence, Hash: e.Hash}
	return nil
}

// looksOnce holds that an entry names what it looked at once, and not what it stands
// on itself: what is there twice would count twice.
func looksOnce(e *domain.Entry) *Failure {
	reads := domain.CommonOf(e.Event).Reads
	for i, r := range reads {
		again := slices.ContainsFunc(reads[:i], func(x domain.Read) bool { return x.Subject == r.Subject })
		if again || r.Subject == e.Subject {
			return failed(CodeReads, entryAt(e.Sequence), "it looked at %s twice, or stands on it", shown(string(r.Subject)))
		}
	}
	return nil
}

// ledgerOf is the id of the ledger that an entry names as its source, empty where
// it names none. payload are the stored bytes that e was decoded from.
func ledgerOf(e *domain.Entry, payload []byte) string {
	source, ok := sourceAsEncoded(e, payload)
	if !ok {
		var envelope struct {
			Source string `json:"source"`
		}
		if err := fastjson.Unmarshal(payload, &envelope); err != nil {
			return ""
		}
		source = envelope.Source
	}
	ledger, ok := strings.CutPrefix(source, sourcePrefix)
	if !ok || !domain.IsSlug(ledger) {
		return ""
	}
	return ledger
}

// sourceAsEncoded finds the source where an envelope stands as domain.Encode
// writes it. The fields before it have been decoded, so that what they are written
// as is known, unless a character of theirs is escaped.
func sourceAsEncoded(e *domain.Entry, payload []byte) (string, bool) {
	head := `{"specversion":"` + specVersion + `","id":"` + e.ID + `","type":"` + typePrefix + e.Type + `","source":"`
	if len(payload) < len(head) || string(payload[:len(head)]) != head || strings.ContainsAny(e.ID, `"\`) {
		return "", false
	}
	rest := payload[len(head):]
	for i, c := range rest {
		switch {
		case c == '"':
			return string(rest[:i]), true
		case c == '\\' || c < ' ' || c > '~':
			return "", false
		}
	}
	return "", false
}

// sumOf is a hash of stored bytes as entries write it, "sha256:" and 64 digits.
func sumOf(hash string) (sum [sha256.Size]byte, ok bool) {
	digits, ok := strings.CutPrefix(hash, "sha256:")
	if !ok || !isDigest(digits) {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(digits))
	return sum, err == nil
}
