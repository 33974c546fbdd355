package domain

import (
	"bytes"
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
	out := slices.Clone(population)
	sortDrawn(seed, out)
	out = slices.Compact(out)
	return out[:max(0, min(size, len(out)))]
}

// sortDrawn puts decisions into the order in which a seed draws them.
func sortDrawn(seed string, decisions []string) {
	places := make(map[string][sha256.Size]byte, len(decisions))
	for _, id := range decisions {
		places[id] = sha256.Sum256([]byte(seed + "\x00" + id))
	}
	slices.SortFunc(decisions, func(a, b string) int {
		x, y := places[a], places[b]
		if c := bytes.Compare(x[:], y[:]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
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
