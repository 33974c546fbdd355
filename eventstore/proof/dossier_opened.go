package proof

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	fastjson "github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"
)

// The two files of a dossier that hold what was sealed, for one reader: the values,
// and the log's signature over them. A dossier has both or neither, and verifies
// alike with and without them.
const (
	dossierOpening     = "opened.json"
	dossierOpeningNote = "opened"
)

// OpeningMax is the longest opened.json, in bytes.
const OpeningMax = 64 << 20

const (
	openingForm    = 1
	openingSuffix  = "/opened"
	openingLines   = 5
	openingNoteMax = CheckpointMax
)

// Why a sealed value was left closed.
const (
	// ClosedRole: the reader's role, for the purpose stated, may not read it.
	ClosedRole = "role"

	// ClosedOthers: it is of somebody else than the dossier's person.
	ClosedOthers = "somebody-else"

	// ClosedErased: its key was destroyed, with the person's data or this group's.
	ClosedErased = "erased"

	// ClosedNever: no key of this name was ever made for the person.
	ClosedNever = "never"

	// ClosedNotYet: its key exists and had not reached this server.
	ClosedNotYet = "not-yet"

	// ClosedAltered: it does not open with its key.
	ClosedAltered = "altered"
)

var reasonsClosed = []string{ClosedRole, ClosedOthers, ClosedErased, ClosedNever, ClosedNotYet, ClosedAltered}

// Opening is what one reader was given of a dossier's sealed values, and what not.
// That a value is what was sealed can be recomputed by nobody without its key: it is
// the word of the server, which the log's key has signed. Every sealed group of the
// dossier stands in Opened or in Closed, each list sorted by entry and group.
type Opening struct {
	Access  uint64        `json:"access"` // sequence of the entry in which the reading is recorded
	By      domain.Actor  `json:"by"`     // who read, as a pseudonym
	Closed  []ClosedGroup `json:"closed"`
	Dossier string        `json:"dossier"` // hash of dossier.json; set when it is added
	Form    int           `json:"form"`    // set when it is added
	Opened  []OpenedGroup `json:"opened"`
	Purpose string        `json:"purpose"` // one of domain.Purposes
	Role    string        `json:"role"`    // in which they read
	Time    string        `json:"time"`    // when, RFC 3339 in UTC, whole seconds
}

// OpenedGroup is a sealed group of an entry in the clear.
type OpenedGroup struct {
	Entry  uint64            `json:"entry"`
	Fields map[string]string `json:"fields"` // what was sealed, by the names of its fields
	Group  domain.Group      `json:"group"`
	Key    string            `json:"key"` // id of the key it was sealed with
}

// ClosedGroup is a sealed group of an entry that was left closed.
type ClosedGroup struct {
	Entry uint64       `json:"entry"`
	Group domain.Group `json:"group"`
	Key   string       `json:"key"`
	Why   string       `json:"why"` // one of the Closed constants
}

// OpeningTime is a time as an Opening has it.
func OpeningTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Entries are a dossier's, by sequence, as its files hold them: of a dossier that
// was just built, or verified.
func (f Files) Entries() ([]domain.Entry, error) {
	var out []domain.Entry
	for _, x := range f {
		if kind, key := kindOf(x.Name); kind == anEntry {
			e, failure := decodeEntry(sequenceOf(key), x.Content)
			if failure != nil {
				return nil, failure
			}
			out = append(out, e)
		}
	}
	slices.SortFunc(out, bySequence)
	return out, nil
}

// AddOpening adds what was opened to a dossier that BuildDossier made, with the
// signatures of the log's keys. It is a *Failure where the Opening is not about
// exactly what is sealed in the dossier.
func AddOpening(files Files, o Opening, by ...note.Signer) (Files, error) {
	statement, ok := files.named(dossierContents)
	signedAt, ok2 := files.named(dossierCheckpoint)
	if !ok || !ok2 {
		return nil, failed(CodeFiles, dossierContents, "it is missing")
	}
	text, err := textOf(signedAt, checkpointPart)
	if err != nil {
		return nil, err
	}
	at, err := parseCheckpoint(text)
	if err != nil {
		return nil, err
	}
	entries, err := files.Entries()
	if err != nil {
		return nil, err
	}
	o.Form, o.Dossier = openingForm, domain.HashOf(statement)
	o.Opened, o.Closed = append([]OpenedGroup{}, o.Opened...), append([]ClosedGroup{}, o.Closed...)
	o.sort()
	if failure := o.check(statement, entries); failure != nil {
		return nil, failure
	}
	content, err := o.encode()
	if err != nil {
		return nil, err
	}
	signed, err := signNote(openingText(at, content), dossierOpeningNote, at.Origin, by)
	if err != nil {
		return nil, err
	}
	out := append(slices.Clone(files), File{dossierOpening, content}, File{dossierOpeningNote, signed})
	out.sort()
	if failure := out.check(); failure != nil {
		return nil, failure
	}
	return out, nil
}

func (o *Opening) encode() ([]byte, error) {
	b, err := fastjson.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", dossierOpening, err)
	}
	return canonical(b)
}

func (o *Opening) sort() {
	slices.SortFunc(o.Opened, func(a, b OpenedGroup) int { return place{a.Entry, a.Group}.compare(place{b.Entry, b.Group}) })
	slices.SortFunc(o.Closed, func(a, b ClosedGroup) int { return place{a.Entry, a.Group}.compare(place{b.Entry, b.Group}) })
}

// openingText is what the log's keys sign: the name of the log and "/opened"; 1, the
// version of this form; the size and the root of the dossier's checkpoint; and the
// hash of opened.json. Its first line is neither a checkpoint's nor that of heads.
func openingText(at Checkpoint, content []byte) string {
	return fmt.Sprintf("%s%s\n%d\n%d\n%s\n%s\n", at.Origin, openingSuffix, openingForm, at.Size, at.Root, domain.HashOf(content))
}

// readOpening reads opened.json.
func readOpening(content []byte) (*Opening, *Failure) {
	var form struct {
		Form int `json:"form"`
	}
	if err := fastjson.Unmarshal(content, &form); err != nil {
		return nil, failed(CodeForm, dossierOpening, "it is not JSON with a form")
	}
	if form.Form != openingForm {
		return nil, failed(CodeUnknown, dossierOpening, "its form is not %d, the one that is known here", openingForm)
	}
	var o Opening
	if err := fastjson.Unmarshal(content, &o, fastjson.RejectUnknownMembers(true)); err != nil {
		return nil, failed(CodeForm, dossierOpening, "it is not what form %d holds", openingForm)
	}
	again, err := o.encode()
	if err != nil || !bytes.Equal(again, content) {
		return nil, failed(CodeForm, dossierOpening, "it is not in canonical JSON, or a member is missing")
	}
	return &o, nil
}

// sequenceOf is the sequence in the name of an entry's file.
func sequenceOf(key string) uint64 {
	n, _ := strconv.ParseUint(key, 10, 64) // kindOf has looked at it
	return n
}

// place is where a sealed group stands.
type place struct {
	entry uint64
	group domain.Group
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.entry, other.entry), strings.Compare(string(p.group), string(other.group)))
}

func (p place) String() string { return fmt.Sprintf("%s of entry %d", shown(string(p.group)), p.entry) }

// check holds an Opening against the dossier's statement and its entries.
func (o *Opening) check(statement []byte, entries []domain.Entry) *Failure {
	at, err := time.Parse(time.RFC3339, o.Time)
	isEntry := func(e domain.Entry, s uint64) int { return cmp.Compare(e.Sequence, s) }
	_, inside := slices.BinarySearchFunc(entries, o.Access, isEntry)
	switch {
	case o.Dossier != domain.HashOf(statement):
		return failed(CodeForeign, dossierOpening, "it belongs to another dossier")
	case !slices.Contains(domain.Purposes(), o.Purpose):
		return failed(CodeUnknown, dossierOpening, "its purpose is none that is known here")
	case !o.By.Check() || !domain.IsSlug(o.Role):
		return failed(CodeOpened, dossierOpening, "it does not say who has read, and in which role")
	case err != nil || OpeningTime(at) != o.Time:
		return failed(CodeOpened, dossierOpening, "it does not say when it was read")
	case o.Access == 0 || inside:
		return failed(CodeOpened, dossierOpening, "it names no entry in which the reading is recorded")
	}
	sealed := sealedPlaces(entries)
	if failure := o.covers(sealed); failure != nil {
		return failure
	}
	return o.complete(sealed)
}

// sealedPlaces are the sealed groups of entries, with the id of each one's key.
func sealedPlaces(entries []domain.Entry) map[place]string {
	out := map[place]string{}
	for _, e := range entries {
		for g, s := range domain.CommonOf(e.Event).Sealed { // order-free: a set
			out[place{e.Sequence, g}] = s.Key
		}
	}
	return out
}

// covers holds that what is listed is sealed in the dossier under the key named.
func (o *Opening) covers(sealed map[place]string) *Failure {
	before := place{}
	for _, x := range o.Opened {
		at := place{x.Entry, x.Group}
		if failure := at.listed(before, sealed, x.Key); failure != nil {
			return failure
		}
		if len(x.Fields) == 0 {
			return failed(CodeOpened, dossierOpening, "it opens %s and shows no value of it", at)
		}
		before = at
	}
	before = place{}
	for _, x := range o.Closed {
		at := place{x.Entry, x.Group}
		if failure := at.listed(before, sealed, x.Key); failure != nil {
			return failure
		}
		if !slices.Contains(reasonsClosed, x.Why) {
			return failed(CodeUnknown, dossierOpening, "it leaves %s closed for a reason that is not known here", at)
		}
		before = at
	}
	return nil
}

// listed holds that a place follows on the one listed before it, and is sealed
// under a key.
func (p place) listed(before place, sealed map[place]string, key string) *Failure {
	if is, ok := sealed[p]; !ok || is != key {
		return notSealed(p)
	}
	if p.compare(before) <= 0 {
		return notSorted(p)
	}
	return nil
}

func notSealed(at place) *Failure {
	return failed(CodeOpened, dossierOpening, "it speaks of %s, where nothing is sealed under the key that it names", at)
}

func notSorted(at place) *Failure {
	return failed(CodeOpened, dossierOpening, "it lists %s twice or not in order", at)
}

// complete holds that every sealed group is listed, as opened or as closed.
func (o *Opening) complete(sealed map[place]string) *Failure {
	listed := make(map[place]bool, len(sealed))
	for _, x := range o.Opened {
		listed[place{x.Entry, x.Group}] = true
	}
	for _, x := range o.Closed {
		at := place{x.Entry, x.Group}
		if listed[at] {
			return failed(CodeOpened, dossierOpening, "it calls %s both opened and closed", at)
		}
		listed[at] = true
	}
	if len(listed) == len(sealed) {
		return nil
	}
	missing := slices.SortedFunc(func(yield func(place) bool) {
		for at := range sealed { // sorted
			if !listed[at] && !yield(at) {
				return
			}
		}
	}, place.compare)
	return failed(CodeOpened, dossierOpening, "it does not say whether %s was opened", missing[0])
}
