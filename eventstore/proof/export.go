package proof

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"
	"time"
)

const (
	// ExportEntriesMax is the most entries of an export that is verified here.
	ExportEntriesMax = 1<<32 - 1

	// ExportJobsMax is the most subjects that are looked at at once.
	ExportJobsMax = 256

	// ExportFailuresMax is how many failures a report lists. It counts all.
	ExportFailuresMax = 100

	// ExportUnreadableMax is how many lines may not read as entries before the rest is
	// left unread.
	ExportUnreadableMax = 10_000

	// ExportLineMax is the longest line of an export, in bytes: an entry, and what
	// an export may write around it.
	ExportLineMax = EntryMax + 256
)

// The stages of verifying an export.
const (
	ExportReading  = "reading"  // hashes, leaves and the tree
	ExportDeriving = "deriving" // chains, folds and decisions
)

// Export is a whole ledger as lines, to be verified: line n is the stored bytes of
// entry n, or {"sequence":n,"hash":"sha256:…","stored":…} around them. Every line
// ends in a newline. Lines is read by several goroutines at once, and must not change
// meanwhile.
type Export struct {
	Lines io.ReaderAt
	Size  int64 // bytes

	Checkpoint []byte // signed, from elsewhere
	Policy     *Policy

	// Jobs is how many subjects are looked at at once. Zero means one.
	Jobs int

	// Sample is how many decisions are derived anew: those of the checkpoint that
	// domain.SampleDecisions draws with Seed. Zero means all of the export. All else
	// is verified whole.
	Sample int
	Seed   string

	// Progress, where there is one, is told now and then how far a stage is: bytes
	// read, or entries looked at. It is called by one goroutine at a time.
	Progress func(stage string, done, total uint64)
}

// ExportReport is what the verification of an export found.
type ExportReport struct {
	Ledger     string    `json:"ledger"` // id
	Checkpoint Opened    `json:"-"`
	Entries    uint64    `json:"entries"`
	Covered    uint64    `json:"covered"` // by the checkpoint; what comes after is signed by nobody
	Subjects   int       `json:"subjects"`
	From       time.Time `json:"from"`  // recorded time of the first entry
	Until      time.Time `json:"until"` // and of the last

	Decisions     int    `json:"decisions"` // recorded
	Derived       int    `json:"derived"`   // anew: all of them, or a sample
	Identical     int    `json:"identical"`
	Different     int    `json:"different"`     // in whatever way
	WithoutRecord int    `json:"withoutrecord"` // so that they cannot be derived
	Seed          string `json:"seed,omitempty"`
	Population    int    `json:"population,omitempty"` // decisions that the sample was drawn from

	Failed   int        `json:"failed"`   // how much did not hold
	Failures []*Failure `json:"failures"` // the first of it, in the order of the ledger
}

// VerifyExport checks a whole ledger from its bytes on: every hash, that no entry
// is missing, that the tree comes to the checkpoint's root, that each subject's
// entries follow each other, that every act of two people was one, and every
// decision, taken anew.
//
// Nil means that all of it holds and every decision that was derived is identical.
// A *Failure is the first that does not; the report has the others. Other errors
// are of the reading, or the context's. The report is never nil.
//
// It reads the export twice, and keeps of each entry some 90 bytes, and the states
// that decisions are looking at.
func VerifyExport(ctx context.Context, x Export) (*ExportReport, error) {
	v := &exportVerifier{Export: x, report: &ExportReport{Seed: x.Seed}, decided: map[string]uint64{}}
	if x.Sample == 0 {
		v.report.Seed = ""
	}
	opened, err := x.Policy.Open(x.Checkpoint)
	if err != nil {
		failure := failedBy(err, checkpointPart)
		v.fail(0, failure)
		return v.finished(), failure
	}
	v.report.Checkpoint = opened
	if err := v.read(ctx); err != nil {
		return v.finished(), err
	}
	v.compareTree()
	if err := v.derive(ctx); err != nil {
		return v.finished(), err
	}
	if v.finished(); len(v.report.Failures) > 0 {
		return v.report, v.report.Failures[0]
	}
	return v.report, nil
}

// exportVerifier is an export as far as it has been verified.
type exportVerifier struct {
	Export
	index exportIndex
	past  *Past

	mu      sync.Mutex // protects what follows
	report  *ExportReport
	failed  []placed
	done    uint64
	decided map[string]uint64 // sequence of the first decision with an identifier
}

// placed is a failure with its entry.
type placed struct {
	sequence uint64
	*Failure
}

// afterAll places what is about the export as a whole: failures of single entries
// say more.
const afterAll = ^uint64(0)

// fail keeps a failure, if it is among the first in the order of the ledger.
func (v *exportVerifier) fail(sequence uint64, f *Failure) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Failed++
	v.failed = append(v.failed, placed{sequence, f})
	if len(v.failed) > 2*ExportFailuresMax {
		v.keepFirst()
	}
}

func (v *exportVerifier) keepFirst() {
	slices.SortStableFunc(v.failed, func(a, b placed) int { return cmp.Compare(a.sequence, b.sequence) })
	v.failed = v.failed[:min(len(v.failed), ExportFailuresMax)]
}

func (v *exportVerifier) finished() *ExportReport {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keepFirst()
	v.report.Failures = []*Failure{}
	for _, f := range v.failed {
		v.report.Failures = append(v.report.Failures, f.Failure)
	}
	return v.report
}

// told says how far a stage is.
func (v *exportVerifier) told(stage string, more, total uint64) {
	if v.Progress == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done += more
	v.Progress(stage, v.done, total)
}

// compareTree holds the entries to the checkpoint.
func (v *exportVerifier) compareTree() {
	r, size := v.report, v.report.Checkpoint.Size
	r.Entries, r.Subjects, r.Decisions = v.index.count(), len(v.index.subjects), len(v.index.decisions)
	r.Covered = min(r.Entries, size)
	if r.Entries < size {
		v.fail(afterAll, failed(CodeShort, "export", "it ends with entry %d, and the checkpoint covers %d", r.Entries, size))
		return
	}
	root, err := v.index.tree.Root(size)
	if err != nil || root != r.Checkpoint.Root {
		v.fail(afterAll, failed(CodeTree, "export", "its entries 1 to %d come to another root than the checkpoint's: at least one was altered, added or taken out", size))
	}
}
