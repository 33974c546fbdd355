package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// HeadsSubjectsMax is the most subjects of one statement.
	HeadsSubjectsMax = 10_000

	// HeadsMax is the longest signed statement, in bytes.
	HeadsMax = CheckpointMax + HeadsSubjectsMax*headLineMax

	headLineMax   = 200 // bytes of a subject's line
	headsPart     = "heads"
	headsForm     = "1" // of a decision
	headsOfPerson = "2" // of a person: with a line more that names them
	headHash      = "sha256:"
	headsIntro    = 4 // lines before the first subject's
	headLineParts = 4
)

// Heads is the log's word on where subjects stood at a checkpoint: that nothing
// came after. Inclusion proves that entries are there; this says that they are
// all, and whoever holds the whole ledger can refute it.
//
// Its text is, line by line: the origin and "/heads"; 1, the version of this
// form; the size and the root of the checkpoint; and for each subject its name,
// version, sequence and hash with one space between them, sorted by name. In form 2
// the subject of a person stands before them: all registrations that they had at the
// checkpoint are among the subjects. The log's keys sign it as they sign checkpoints. Its first line is never a
// checkpoint's, so that neither can be taken for the other.
type Heads struct {
	Checkpoint
	Person   string // pseudonym of the one whose registrations are all there; empty where nothing is said of that
	Subjects []Head
}

// Head is a subject's last entry.
type Head struct {
	Subject  domain.Subject
	Version  uint64            // of the subject, from 1: so many entries it has
	Sequence uint64            // of the entry in the ledger, from 1
	Payload  [sha256.Size]byte // SHA-256 of the entry's stored bytes
}

// SignHeads writes a statement with the signatures of its log's keys. It sorts
// the subjects itself.
func SignHeads(h Heads, by ...note.Signer) ([]byte, error) {
	h.Subjects = slices.SortedFunc(slices.Values(h.Subjects), func(a, b Head) int {
		return strings.Compare(string(a.Subject), string(b.Subject))
	})
	if err := h.check(); err != nil {
		return nil, err
	}
	return signNote(h.text(), headsPart, h.Origin, by)
}

// OpenHeads reads a signed statement and answers only if it is exactly as
// SignHeads writes it and the policy's log has signed it. Witnesses do not sign
// these: compare the answer's Checkpoint with one that was opened.
func (p *Policy) OpenHeads(signed []byte) (Heads, error) {
	n, err := p.openNote(signed, headsPart, HeadsMax, p.byLog)
	if err != nil {
		return Heads{}, err
	}
	if _, err := p.logKeysOf(n, headsPart); err != nil {
		return Heads{}, err
	}
	h, err := parseHeads(n.Text)
	if err != nil {
		return Heads{}, err
	}
	if h.Origin != p.origin {
		return Heads{}, fault(ErrForeign, headsPart, "its first line names another log than the policy")
	}
	return h, nil
}

func (h Heads) text() string {
	var b strings.Builder
	form, person := headsForm, ""
	if h.Person != "" {
		form, person = headsOfPerson, string(domain.SubjectOf(domain.KindPerson, h.Person))+"\n"
	}
	fmt.Fprintf(&b, "%s%s\n%s\n%d\n%s\n%s", h.Origin, headsSuffix, form, h.Size, h.Root, person)
	for _, s := range h.Subjects {
		fmt.Fprintf(&b, "%s %d %d %s%x\n", s.Subject, s.Version, s.Sequence, headHash, s.Payload)
	}
	return b.String()
}

// check refuses a statement that contradicts itself.
func (h Heads) check() error {
	if err := h.Checkpoint.check(); err != nil {
		return err
	}
	if h.Person != "" && domain.SubjectOf(domain.KindPerson, h.Person).Check() != nil {
		return fault(ErrForm, headsPart, "it is about nobody who could be a person")
	}
	if len(h.Subjects) > HeadsSubjectsMax {
		return fault(ErrForm, headsPart, "it has more than %d subjects", HeadsSubjectsMax)
	}
	entries := make(map[uint64]bool, len(h.Subjects))
	for i, s := range h.Subjects {
		switch {
		case s.Subject.Check() != nil:
			return fault(ErrForm, headsPart, "subject %d is none", i+1)
		case i > 0 && s.Subject <= h.Subjects[i-1].Subject:
			return fault(ErrForm, headsPart, "subject %d stands twice or is not in order", i+1)
		case s.Version < 1 || s.Version > s.Sequence || s.Sequence > h.Size:
			return fault(ErrForm, headsPart, "subject %d has a version or sequence that it cannot have in a tree of %d", i+1, h.Size)
		case entries[s.Sequence]:
			return fault(ErrForm, headsPart, "subject %d ends with the entry of another", i+1)
		}
		entries[s.Sequence] = true
	}
	return nil
}

// parseHeads reads the text of a statement, which text wrote or would have.
func parseHeads(text string) (Heads, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < headsIntro {
		return Heads{}, fault(ErrForm, headsPart, "its text has less than %d lines", headsIntro)
	}
	origin, ok := strings.CutSuffix(lines[0], headsSuffix)
	if !ok {
		return Heads{}, fault(ErrForm, headsPart, "its first line does not end in %s", headsSuffix)
	}
	if lines[1] != headsForm && lines[1] != headsOfPerson {
		return Heads{}, fault(ErrUnknownForm, headsPart, "its second line is neither %s nor %s", headsForm, headsOfPerson)
	}
	size, err := strconv.ParseUint(lines[2], 10, 64)
	root, err2 := tlog.ParseHash(lines[3])
	if err != nil || err2 != nil {
		return Heads{}, fault(ErrForm, headsPart, "its third and fourth lines are not a size and a root")
	}
	h := Heads{Checkpoint: Checkpoint{Origin: origin, Size: size, Root: root}}
	subjects := lines[headsIntro:]
	if lines[1] == headsOfPerson && len(subjects) > 0 {
		h.Person, subjects = domain.Subject(subjects[0]).ID(), subjects[1:]
	}
	for i, line := range subjects {
		s, err := parseHead(line)
		if err != nil {
			return Heads{}, fault(ErrForm, headsPart, "subject %d is not a name, version, sequence and hash", i+1)
		}
		h.Subjects = append(h.Subjects, s)
	}
	if h.text() != text {
		return Heads{}, fault(ErrForm, headsPart, "a name, number or hash is not written as it should be")
	}
	return h, h.check()
}

func parseHead(line string) (h Head, err error) {
	parts := strings.Split(line, " ")
	if len(parts) != headLineParts {
		return Head{}, ErrForm
	}
	h.Subject = domain.Subject(parts[0])
	if h.Version, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
		return Head{}, err
	}
	if h.Sequence, err = strconv.ParseUint(parts[2], 10, 64); err != nil {
		return Head{}, err
	}
	sum, err := hex.DecodeString(strings.TrimPrefix(parts[3], headHash))
	if err != nil || len(sum) != sha256.Size {
		return Head{}, ErrForm
	}
	h.Payload = [sha256.Size]byte(sum)
	return h, nil
}
