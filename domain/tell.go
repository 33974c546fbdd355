package domain

import (
	"fmt"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Tell says an event in one plain clause, without who or when. It knows codes
// only, so it can say nothing personal.
func Tell(e Event) string {
	switch v := e.(type) {
	case *LedgerCreated:
		return "the ledger was created"
	case *TokenCreated:
		return "a token was created"
	case *TokenRevoked:
		return "a token was revoked"
	case *ProposalMade:
		return "proposed: " + actWords(v.Act)
	case *ProposalDeclined:
		return "a proposal was " + spoken(v.Word)
	case *ProgrammePublished:
		return fmt.Sprintf("version %d of the rules was published", v.Version)
	case *ProgrammeWithdrawn:
		return fmt.Sprintf("version %d of the rules was withdrawn", v.Version)
	case *CohortOpened:
		return "the cohort was opened"
	case *SessionScheduled:
		return "session " + v.Session + " was scheduled"
	case *SessionRescheduled:
		return "session " + v.Session + " was moved"
	case *SessionCancelled:
		return "session " + v.Session + " was cancelled"
	case *MaterialsReleased:
		return "material " + v.Material + " was released"
	case *AttesterAssigned:
		return "assigned as " + spoken(v.Role) + relationWords(v.Relation)
	case *AttesterReleased:
		return "released as " + spoken(v.Role)
	case *AttesterRegistered:
		return "an attester was registered"
	case *AttesterQualified:
		return "qualified: " + spoken(v.Qualification)
	case *AttesterApproved:
		return "approved: " + spoken(v.Approval)
	case *AttesterEnded:
		return "ended: " + spoken(v.Code)
	case *PersonCorrected:
		return "personal data were corrected: " + strings.Join(v.Fields, ", ")
	case *RegistrationSubmitted:
		return "registered"
	case *RegistrationWithdrawn:
		return "withdrew"
	case *RegistrationNoShow:
		return "did not come to any session"
	case *RegistrationTransferred:
		return "moved to another cohort"
	case *ConsentAccepted:
		return "accepted " + spoken(v.Text) + ", version " + v.Version
	case *AccommodationRequested:
		return "an accommodation was requested"
	case *AccommodationAnswered:
		return "an accommodation was considered"
	case *StatusReached:
		return "status " + spoken(v.Status) + " was reached"
	case *NoticeGiven:
		return "was told of " + spoken(v.About)
	case *ReviewAssigned:
		return "the review of a decision was given to somebody, due " + string(v.Due)
	case *ReviewClosed:
		return "a decision was looked at again: it " + spoken(v.Word)
	case *SigningKeyRotated:
		return "another key signs the ledger's checkpoints"
	case *AuditSampled:
		return fmt.Sprintf("%d decisions were derived again: %d identical, %d different", len(v.Decisions), v.Identical, v.Different)
	}
	return tellFact(e)
}

// tellFact tells the events that results rest on.
func tellFact(e Event) string {
	switch v := e.(type) {
	case *AttendanceMarked:
		source := ""
		if v.Source != SourceTrainer {
			source = " (" + spoken(v.Source) + ")"
		}
		return fmt.Sprintf("session %s marked %s%s%s", v.Session, spoken(v.Status), minutesWords(v.Minutes), source)
	case *AttendanceCorrected:
		return fmt.Sprintf("session %s corrected to %s%s", v.Session, spoken(v.Status), minutesWords(v.Minutes))
	case *AbsenceExcused:
		return "a reason was given for missing session " + v.Session
	case *LiveEquivalentApproved:
		return "session " + v.Session + " attended live with another cohort"
	case *EvidenceRecorded:
		return factWords(v.Fact) + " recorded"
	case *EvidenceSigned:
		return "evidence signed as " + spoken(v.Role)
	case *EvidenceDisputed:
		return "evidence disputed"
	case *EvidenceAnswered:
		return "evidence answered " + spoken(v.Answer)
	case *EvidenceCorrected:
		return factWords(v.Fact) + ", as corrected"
	case *EvidenceVoided:
		return "evidence voided"
	case *JudgementRecorded:
		return judgementWords(v)
	case *TaskSet:
		due := ""
		if v.Due != "" {
			due = ", due " + string(v.Due)
		}
		about := ""
		if v.Session != "" {
			about = " for session " + v.Session
		}
		return spoken(v.Kind) + named(v.Task) + about + " set" + due
	case *TaskExtended:
		return "task" + named(v.Task) + " extended to " + string(v.Due)
	case *TaskFulfilled:
		return "task" + named(v.Task) + " done"
	case *TaskConfirmed:
		return "task" + named(v.Task) + " confirmed"
	case *TaskCancelled:
		return "task" + named(v.Task) + " cancelled"
	case *SubmissionFiled:
		return spoken(v.Kind) + " filed"
	case *SubmissionAnswered:
		return "submission answered " + spoken(v.Answer) + ", effective " + string(v.From)
	case *SubmissionWithdrawn:
		return "submission withdrawn"
	case *WaiverGranted:
		return "waived: " + v.Requirement + sessionWords(v.Session)
	case *WaiverEnded:
		return "a waiver ended"
	case *DecisionRecorded:
		return decisionWords(v)
	}
	return spoken(strings.TrimSuffix(e.Type(), ".v1"))
}

func judgementWords(v *JudgementRecorded) string {
	of, joint := askedWords(v.Question, v.Number), ""
	if v.Consensus {
		joint = " jointly"
	}
	switch {
	case !v.Consensus && len(v.Signers) > 0:
		return of + " signed"
	case v.Answer == programme.RatedAnswer:
		return of + " rated" + joint
	}
	return of + " judged" + joint + ": " + spoken(v.Answer)
}

func actWords(act string) string {
	return spoken(strings.ReplaceAll(strings.TrimSuffix(act, ".v1"), ".", " "))
}

func relationWords(r string) string {
	if r == "" || r == RelationNone {
		return ""
	}
	return " (also " + spoken(r) + ")"
}

func minutesWords(m *int64) string {
	if m == nil {
		return ""
	}
	return fmt.Sprintf(", %d min", *m)
}

func sessionWords(s string) string {
	if s == "" {
		return ""
	}
	return ", session " + s
}

func numbered(code string, n int64) string {
	if n == 0 {
		return spoken(code)
	}
	return spoken(code) + " " + decimal(n)
}

// factWords says a fact: "report 1", "exam, passed", "10 h (hours, one to one)".
func factWords(f Fact) string {
	out := numbered(f.Kind, f.Number)
	for _, detail := range []string{f.Category, f.Outcome} {
		if detail != "" {
			out += ", " + spoken(detail)
		}
	}
	if f.Quantity != nil {
		out = quantityWords(*f.Quantity, f.Unit, f.Currency) + " (" + out + ")"
	}
	return out
}

func decisionWords(v *DecisionRecorded) string {
	out := map[string]string{
		ActGrant: "granted", ActDeny: "denied", ActExtend: "extended", ActRenew: "renewed", ActSuspend: "suspended",
		ActReinstate: "reinstated", ActRevoke: "revoked", ActAcceptSurrender: "surrender accepted",
	}[v.Act]
	if v.Level != "" {
		out += " " + titled(v.Level)
	}
	if v.Level == "" && len(v.Levels) > 0 {
		var levels []string
		for _, level := range v.Levels {
			levels = append(levels, titled(level))
		}
		out += " " + strings.Join(levels, ", ")
	}
	switch {
	case v.Denied == nil:
	case v.Act == ActDeny:
		out += ", by clause " + v.Denied.Clause
	default:
		out += fmt.Sprintf(" (%s not granted, by clause %s)", titled(v.Denied.Level), v.Denied.Clause)
	}
	return out
}
