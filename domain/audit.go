package domain

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
)

// AuditsKept is how many of the latest audits the system's state lists. All
// stand in the ledger.
const AuditsKept = 100

// Audit is a sample of decisions that was drawn and derived again, as the
// system's state lists it. The decisions stand in the entry.
type Audit struct {
	ID         string     `json:"id"`
	Seed       string     `json:"seed"`
	Population Population `json:"population"`
	Sampled    int        `json:"sampled"` // how many decisions were derived again
	Identical  int        `json:"identical"`
	Different  int        `json:"different"`
	Report     string     `json:"report"` // hash of the report
	Made       Origin     `json:"made"`
}

// Population is what a sample was drawn from: the decisions recorded up to a
// place in the ledger, of one programme where it names one.
type Population struct {
	Until     uint64 `json:"until"` // last sequence considered
	Programme string `json:"programme,omitempty"`
	Decisions int    `json:"decisions"` // how many there were
}

// AuditSampled records a sample of decisions that was derived again, and how
// many came out alike. SampleDecisions says how it was drawn.
type AuditSampled struct {
	Common
	Audit      string     `json:"audit"`
	Seed       string     `json:"seed"` // a slug
	Population Population `json:"population"`
	Decisions  []string   `json:"decisions"` // in the order drawn
	Identical  int        `json:"identical"`
	Different  int        `json:"different"`
	Report     string     `json:"report"` // sha256: of the report's bytes
}

// Type is the stored name.
func (*AuditSampled) Type() string { return "audit.sampled.v1" }

func (v *AuditSampled) apply(f fold, e *Entry) {
	list := append(f.system.Audits, Audit{
		ID: v.Audit, Seed: v.Seed, Population: v.Population, Sampled: len(v.Decisions),
		Identical: v.Identical, Different: v.Different, Report: v.Report, Made: originOf(e),
	})
	f.system.Audits = list[max(0, len(list)-AuditsKept):]
}

// SampleDecisions draws a sample: the decisions in the order of the SHA-256 of
// the seed, a zero byte and the decision's identifier, cut after size. Nothing
// else matters, neither the order of the population nor that an identifier
// stands in it twice, so anybody can draw it again who has the list:
//
//	while read -r id; do
//	    printf '%s %s\n' "$(printf '%s\0%s' "$SEED" "$id" | sha256sum | cut -d ' ' -f 1)" "$id"
//	done < decisions.txt | LC_ALL=C sort -u | head -n "$SIZE" | cut -d ' ' -f 2
func SampleDecisions(seed string, population []string, size int) []string {
	d := NewDraw(seed, size)
	for _, id := range population {
		d.Add(id)
	}
	return d.Drawn()
}

// Draw draws the sample of SampleDecisions from a population that is told one
// decision at a time, and holds no more than the sample.
type Draw struct {
	seed string
	size int
	held []lot // in the order drawn
}

// lot is where a seed puts a decision.
type lot struct {
	sum      [sha256.Size]byte
	decision string
}

func lotOf(seed, decision string) lot {
	return lot{sha256.Sum256([]byte(seed + "\x00" + decision)), decision}
}

func (l lot) compare(o lot) int {
	return cmp.Or(bytes.Compare(l.sum[:], o.sum[:]), strings.Compare(l.decision, o.decision))
}

// NewDraw draws a sample of at most size decisions.
func NewDraw(seed string, size int) *Draw { return &Draw{seed: seed, size: max(0, size)} }

// Add tells a decision. One that was told before changes nothing.
func (d *Draw) Add(decision string) {
	p := lotOf(d.seed, decision)
	at, found := slices.BinarySearchFunc(d.held, p, lot.compare)
	if found || at == d.size {
		return
	}
	d.held = slices.Insert(d.held, at, p)
	d.held = d.held[:min(d.size, len(d.held))]
}

// Drawn is the sample of what was told so far, in the order drawn.
func (d *Draw) Drawn() []string {
	out := make([]string, len(d.held))
	for i, p := range d.held {
		out[i] = p.decision
	}
	return out
}

// RecordAudit records a sample that was derived again. Decisions are those of
// SampleDecisions with the seed, in that order.
type RecordAudit struct {
	Act
	Audit      string // id; derived from the command where empty
	Seed       string
	Population Population
	Decisions  []string
	Identical  int
	Different  int
	Report     string // sha256: of the report's bytes
}

// Subject is the system's.
func (RecordAudit) Subject() Subject { return SystemSubject }
