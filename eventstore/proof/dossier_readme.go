package proof

import (
	"bytes"
	_ "embed" // the words of the README
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/certledger/certledger/domain"
)

// wording is one text of the README, filled in with readmeFacts.
type wording struct {
	words  *template.Template
	opened bool // it tells of opened values
}

//go:embed dossier_readme_1.tmpl
var readmeWords1 string

//go:embed dossier_readme_2.tmpl
var readmeWords2 string

// readmeWordings are all that were ever handed out. Dossiers are written with the
// last, and verified with any, so none of them is ever changed: another text is
// added at the end.
var readmeWordings = []wording{{parsed(readmeWords1), false}, {parsed(readmeWords2), true}}

func parsed(words string) *template.Template {
	return template.Must(template.New("readme").Parse(words))
}

func (w wording) fill(f *readmeFacts) ([]byte, error) {
	var b bytes.Buffer
	err := w.words.Execute(&b, f)
	return b.Bytes(), err
}

// readmeFacts are what the README says of one dossier. Every text is one that may
// be printed. What stands in them is a part of each wording, and changed as little.
type readmeFacts struct {
	Person        string
	One           bool // a dossier of one decision
	Decisions     []readmeDecision
	Registrations []string // of the person
	Subjects      []readmeSubject
	Entries       int
	From, Until   string // recorded times of the first and the last entry
	Ledger        string
	Origin        string
	Size          uint64
	Root          string
	Sealed        []readmeSealed
}

type readmeDecision struct {
	ID, Act, Award, Level, Registration string
	Denied                              string // clause
	Happened, Recorded                  string
	By, Role                            string
	Programme, Digest, RulesFile        string
	Version                             int
	Sequence, Cut                       uint64
	Since                               string // what became of it
}

type readmeSubject struct {
	Subject  string
	Contains int    // entries that are here
	Last     uint64 // entries at the checkpoint
}

type readmeSealed struct {
	Group   string
	Entries string
}

// readme is README.txt, in the wording of today.
func (c *contents) readme() ([]byte, error) {
	return readmeWordings[len(readmeWordings)-1].fill(c.readmeFacts())
}

func (c *contents) readmeFacts() *readmeFacts {
	ordered := c.ordered()
	f := &readmeFacts{
		One: c.kind == DossierDecision, Entries: len(ordered), Ledger: c.ledger,
		From: readable(ordered[0].Recorded), Until: readable(ordered[len(ordered)-1].Recorded),
		Origin: shown(c.checkpoint.Origin), Size: c.checkpoint.Size, Root: c.checkpoint.Root.String(),
		Subjects: c.readmeSubjects(), Sealed: sealedIn(ordered),
	}
	for _, s := range c.registrations() {
		f.Registrations = append(f.Registrations, s.ID())
		f.Person = shown(personOf(c.entries[s]))
	}
	for _, e := range c.decisions {
		f.Decisions = append(f.Decisions, c.readmeDecision(e))
	}
	return f
}

// personOf is whose registration it is.
func personOf(entries []domain.Entry) string {
	for _, e := range entries {
		if submitted, ok := e.Event.(*domain.RegistrationSubmitted); ok {
			return submitted.Person
		}
	}
	return ""
}

func (c *contents) readmeSubjects() []readmeSubject {
	var out []readmeSubject
	for _, h := range c.heads.Subjects {
		out = append(out, readmeSubject{Subject: string(h.Subject), Contains: len(c.entries[h.Subject]), Last: h.Version})
	}
	return out
}

func (c *contents) readmeDecision(e domain.Entry) readmeDecision {
	d := decisionIn(e)
	out := readmeDecision{
		ID: d.Decision, Act: shown(d.Act), Award: shown(d.Award), Level: shown(d.Level), Registration: e.Subject.ID(),
		Happened: e.Time.Format(time.RFC3339), Recorded: readable(e.Recorded), By: shown(string(e.Actor)), Role: shown(e.ActorRole),
		Sequence: e.Sequence, Since: since(c.entries[e.Subject], e),
	}
	if len(d.Levels) > 0 {
		out.Level = shown(strings.Join(d.Levels, ", "))
	}
	if d.Denied != nil {
		out.Denied = shown(d.Denied.Level + ", clause " + d.Denied.Clause)
	}
	if r := d.Record; r != nil {
		out.Programme, out.Version, out.Digest = shown(r.Programme.Programme), r.Programme.Version, shown(r.Programme.Digest)
		out.RulesFile, out.Cut = shown(programmeFile(r.Programme.Digest)), r.Cut.Version
	}
	return out
}

// since is what came after a decision on its registration.
func since(entries []domain.Entry, e domain.Entry) string {
	after, words := 0, []string(nil)
	for _, x := range entries {
		if x.Sequence <= e.Sequence {
			continue
		}
		after++
		if d := decisionIn(x); d != nil {
			words = append(words, fmt.Sprintf("%s (%s, entry %d)", shown(d.Decision), shown(d.Act), x.Sequence))
		}
	}
	switch {
	case after == 0:
		return "nothing has been recorded on this registration"
	case len(words) == 0:
		return counted(after) + " on this registration, no decision among them"
	}
	return counted(after) + " on this registration, with the decisions " + strings.Join(words, ", ")
}

// counted is a number of entries in words.
func counted(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// sealedIn counts, by group, the entries in which something is sealed.
func sealedIn(entries []domain.Entry) []readmeSealed {
	counts := map[domain.Group]int{}
	for _, e := range entries {
		for g := range domain.CommonOf(e.Event).Sealed { // order-free: counted
			counts[g]++
		}
	}
	var out []readmeSealed
	for g, n := range counts { // sorted below
		out = append(out, readmeSealed{Group: shown(string(g)), Entries: counted(n)})
	}
	slices.SortFunc(out, func(a, b readmeSealed) int { return strings.Compare(a.Group, b.Group) })
	return out
}

// readable is a recorded time as entries have it.
func readable(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
