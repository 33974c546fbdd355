package proof

import (
	"bytes"
	"strings"

	"github.com/certledger/certledger/domain"
)

// OpeningReport is what a dossier's opened values are, by the server's word.
type OpeningReport struct {
	By      domain.Actor   `json:"by"`
	Role    string         `json:"role"`
	Purpose string         `json:"purpose"`
	Time    string         `json:"time"`
	Access  uint64         `json:"access"` // sequence of the entry in which the reading is recorded
	Opened  int            `json:"opened"` // sealed groups in the clear
	Closed  map[string]int `json:"closed"` // sealed groups left closed, by the reason
}

// opening verifies what was opened, where the dossier has it: that the log has
// signed every byte of it at this checkpoint, and that it is about exactly what is
// sealed in these entries.
func (v *verifier) opening() *Failure {
	content, ok := v.files.named(dossierOpening)
	signed, ok2 := v.files.named(dossierOpeningNote)
	switch {
	case !ok && !ok2:
		return nil
	case !ok:
		return failed(CodeFiles, dossierOpening, "it is missing, and %s is there: remove both, or fetch the dossier again", dossierOpeningNote)
	case !ok2:
		return failed(CodeFiles, dossierOpeningNote, "it is missing, and %s is there: remove both, or fetch the dossier again", dossierOpening)
	}
	if failure := v.policy.openOpening(signed, v.checkpoint, content); failure != nil {
		return failure
	}
	o, failure := readOpening(content)
	if failure != nil {
		return failure
	}
	statement, _ := v.files.named(dossierContents)
	if failure := o.check(statement, v.decoded); failure != nil {
		return failure
	}
	v.report.Opening = o.report()
	return nil
}

// openOpening holds that the log has signed opened.json at a checkpoint.
func (p *Policy) openOpening(signed []byte, at Checkpoint, content []byte) *Failure {
	if !bytes.HasPrefix(signed, []byte(p.origin+openingSuffix+"\n")) {
		return failed(CodeForeign, dossierOpeningNote, "its first line is not that of this log's word on opened values")
	}
	n, err := p.openNote(signed, dossierOpeningNote, openingNoteMax, p.byLog)
	if err != nil {
		return unsigned(failedBy(err, dossierOpeningNote))
	}
	if _, err := p.logKeysOf(n, dossierOpeningNote); err != nil {
		return failedBy(err, dossierOpeningNote)
	}
	want := openingText(at, content)
	if n.Text == want {
		return nil
	}
	is, should := strings.SplitAfter(n.Text, "\n"), strings.SplitAfter(want, "\n")
	switch {
	case len(is) != openingLines+1:
		return failed(CodeForm, dossierOpeningNote, "its text has not %d lines", openingLines)
	case is[1] != should[1]:
		return failed(CodeUnknown, dossierOpeningNote, "its second line is not %d", openingForm)
	case is[2] != should[2] || is[3] != should[3]:
		return failed(CodeCheckpoint, dossierOpeningNote, "it is about another size or root than the checkpoint")
	}
	return failed(CodeOpened, dossierOpening, "it is not what the log has signed")
}

// unsigned tells a statement of this log that no known key has signed from one of
// another log: the first line has been looked at.
func unsigned(f *Failure) *Failure {
	if f.Code == CodeForeign {
		return failed(CodeSignature, dossierOpeningNote, "no key of the policy has signed it")
	}
	return f
}

func (o *Opening) report() *OpeningReport {
	r := &OpeningReport{By: o.By, Role: o.Role, Purpose: o.Purpose, Time: o.Time, Access: o.Access, Opened: len(o.Opened), Closed: map[string]int{}}
	for _, x := range o.Closed {
		r.Closed[x.Why]++
	}
	return r
}
