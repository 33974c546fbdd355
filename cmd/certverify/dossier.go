package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/eventstore/proof"
)

const recordedForm = "2006-01-02T15:04:05.000Z"

// dossier verifies a dossier and says what came of it.
func (a *app) dossier(name string) error {
	policy, err := a.trust()
	if err != nil {
		return err
	}
	files, err := open(name)
	if err != nil {
		var failure *proof.Failure
		if !errors.As(err, &failure) {
			return usage("%s", err)
		}
		return a.tellDossier(&proof.Report{}, failure)
	}
	a.verifying = true
	report, err := proof.VerifyDossier(files, policy)
	return a.tellDossier(report, err)
}

// open reads a dossier, packed or unpacked.
func open(name string) (files proof.Files, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		folder, err := os.OpenRoot(name)
		if err != nil {
			return nil, err
		}
		files, err := proof.ReadDossier(folder.FS())
		return files, errors.Join(err, folder.Close())
	}
	f, size, err := openFile(name)
	if err != nil {
		return nil, err
	}
	files, err = proof.ReadDossierZip(f, size)
	return files, errors.Join(err, f.Close())
}

// openFile opens what is read more than once, and says how long it is. Opening a pipe
// would wait for somebody to write.
func openFile(name string) (*os.File, int64, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is no file: what is verified is read more than once", name)
	}
	f, err := os.Open(name)
	return f, info.Size(), err
}

// tellDossier prints a report, as text a line for each decision.
func (a *app) tellDossier(r *proof.Report, err error) error {
	failure := asFailure(err)
	if a.output == asJSON {
		return a.tell(answer{Checkpoint: asSigned(r.Checkpoint), Report: r}, failure)
	}
	for _, d := range r.Decisions {
		a.say("%s\n", printable(decided(d)))
	}
	if failure != nil {
		return a.tell(answer{}, failure)
	}
	if len(r.Decisions) == 0 {
		a.say("no decision has been taken, and all else holds\n")
	}
	a.say("verified   %d entries of %d subjects of ledger %s, recorded from %s to %s\n",
		r.Entries, r.Subjects, r.Ledger, r.From.Format(recordedForm), r.Until.Format(recordedForm))
	a.tellOpening(r.Opening)
	a.tellCheckpoint(r.Checkpoint)
	return nil
}

// tellOpening says for whom sealed values were opened, on whose word, and what was
// left closed.
func (a *app) tellOpening(o *proof.OpeningReport) {
	if o == nil {
		return
	}
	a.say("opened     %d sealed groups for %s as %s, for %s, at %s, recorded as entry %d; that these are the values that were sealed is the server's signed word, "+
		"which nobody can recompute without the keys\n", o.Opened, printable(string(o.By)), o.Role, o.Purpose, o.Time, o.Access)
	var closed []string
	for _, why := range slices.Sorted(maps.Keys(o.Closed)) {
		closed = append(closed, fmt.Sprintf("%d %s", o.Closed[why], why))
	}
	if len(closed) > 0 {
		a.say("closed     sealed groups by reason: %s\n", strings.Join(closed, ", "))
	}
}

// decided is one decision in a line.
func decided(d proof.DecisionReport) string {
	word := "identical"
	if !d.Identical {
		word = "NOT identical"
	}
	what := d.Act
	if d.Level != "" {
		what += " " + d.Level
	}
	return fmt.Sprintf("%-10s decision %s: %s (%s) on registration %s, by %s as %s, %s, under %s version %d",
		word, d.Decision, what, d.Award, d.Registration, d.By, d.Role, d.Happened.Format(time.RFC3339), d.Programme.Programme, d.Programme.Version)
}
