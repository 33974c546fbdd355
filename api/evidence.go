package api

import (
	"github.com/certledger/certledger/domain"
)

const groupEvidence group = "evidence"

// Fact is what a piece of evidence says: codes, numbers and days only.
type Fact struct {
	Kind         string       `json:"kind" maxLength:"64" doc:"Kind, as the programme names it" example:"hours"`
	Activity     string       `json:"activity,omitempty" maxLength:"64" doc:"Shared by copies of one real activity"`
	Category     string       `json:"category,omitempty" maxLength:"200" doc:"Codes joined by slashes" example:"one-to-one"`
	Title        string       `json:"title,omitempty" maxLength:"64" doc:"Title, as a code"`
	Number       int64        `json:"number,omitempty" minimum:"0" maximum:"10000" doc:"Interval or attempt, from 1" example:"3"`
	Session      string       `json:"session,omitempty" maxLength:"64" doc:"The session concerned"`
	Module       string       `json:"module,omitempty" maxLength:"64" doc:"The module concerned"`
	Item         string       `json:"item,omitempty" maxLength:"64" doc:"The item concerned"`
	Period       string       `json:"period,omitempty" maxLength:"64" doc:"The period concerned"`
	Track        string       `json:"track,omitempty" maxLength:"64" doc:"The track concerned"`
	Quantity     *int64       `json:"quantity,omitempty" minimum:"0" maximum:"1000000000" doc:"Whole number of the unit; left out where it is not known" example:"150"`
	Unit         string       `json:"unit,omitempty" enum:"minute,hundredth,cent,basis-point,day,month,word,count" doc:"Unit of the quantity" example:"minute"`
	Currency     string       `json:"currency,omitempty" maxLength:"3" doc:"For cents: three capital letters" example:"CAD"`
	Outcome      string       `json:"outcome,omitempty" maxLength:"64" doc:"Outcome, as a code"`
	Score        *int64       `json:"score,omitempty" minimum:"0" doc:"Points reached"`
	OutOf        *int64       `json:"outof,omitempty" minimum:"1" doc:"Highest number of points"`
	From         domain.Date  `json:"from,omitempty" maxLength:"10" doc:"First day on which it happened; left out, the last" example:"2026-06-01"`
	Until        domain.Date  `json:"until,omitempty" maxLength:"10" doc:"Last day on which it happened; left out, the first, or the day of the act" example:"2026-06-03"`
	Received     domain.Date  `json:"received,omitempty" maxLength:"10" doc:"Day on which the body received it; left out, the day of the act" example:"2026-06-03"`
	FiledBy      domain.Actor `json:"filedby,omitempty" maxLength:"80" doc:"Who filed it; left out, who sends this"`
	FiledRole    string       `json:"filedrole,omitempty" maxLength:"64" doc:"In which role"`
	Attester     string       `json:"attester,omitempty" maxLength:"64" doc:"Who attests it"`
	AttesterRole string       `json:"attesterrole,omitempty" maxLength:"64" doc:"In which role"`
	Relation     string       `json:"relation,omitempty" maxLength:"64" doc:"What the attester is to the participant besides"`
	Provider     string       `json:"provider,omitempty" maxLength:"64" doc:"Who provided it"`
	Mode         string       `json:"mode,omitempty" maxLength:"64" doc:"How it was delivered" example:"in-person"`
	Documents    []string     `json:"documents,omitempty" maxItems:"100" doc:"SHA-256 of documents"`
	Fulfils      string       `json:"fulfils,omitempty" maxLength:"64" doc:"Task that it fulfils"`
}

// NewEvidence is a piece of evidence.
type NewEvidence struct {
	When
	Evidence string `json:"evidence,omitempty" maxLength:"64" pattern:"^([a-z]{1,16}-)?[0-9a-f-]*[0-9][0-9a-f-]*$" doc:"Identifier of your choice: a word and a number, or a UUID, and never a name, for it is stored in the clear; left out, one is made. The same with the same content is one piece." example:"e-17"`
	Fact
	Narrative string `json:"narrative,omitempty" maxLength:"20000" doc:"In words. Sealed. Please do not identify other people."`
}

// Signing attests a piece of evidence.
type Signing struct {
	When
	For    string `json:"for,omitempty" maxLength:"64" doc:"Role that could not sign, where staff attest in its place" example:"supervisor"`
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code; needed with for" example:"supervisor-unavailable"`
}

// Dispute contests a piece of evidence.
type Dispute struct {
	When
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"Reason as a code" example:"wrong-quantity"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

// BodyAnswer is the body's answer to evidence or a submission.
type BodyAnswer struct {
	When
	Answer  string      `json:"answer" maxLength:"64" doc:"Answer, as the programme names it" example:"accepted"`
	Reasons []string    `json:"reasons,omitempty" maxItems:"20" doc:"Reasons as codes"`
	From    domain.Date `json:"from,omitempty" maxLength:"10" doc:"Day from which it holds; left out, the day of the act" example:"2026-06-10"`
	Text    string      `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

// EvidenceCorrection replaces what a piece of evidence says.
type EvidenceCorrection struct {
	When
	Fact
	Reason string `json:"reason" maxLength:"64" doc:"Reason as a code" example:"wrong-quantity"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

// Voiding takes a piece of evidence out.
type Voiding struct {
	When
	Reason string `json:"reason" maxLength:"64" doc:"Reason as a code" example:"wrong-person"`
	Text   string `json:"text,omitempty" maxLength:"20000" doc:"In words. Sealed."`
}

func (s *server) evidenceRoutes() {
	onRegistration(s, operation{
		id: "record-evidence", path: "evidence", tag: "evidence", summary: "Record evidence",
		text:  "Hours, reports, references, payments and refunds (in cents), an invitation to a webinar, a support contact. It is recorded even where it does not count, and the explanation says why.",
		needs: permission{"record", groupEvidence},
		example: map[string]any{
			"kind": "hours", "category": "one-to-one", "quantity": 150, "unit": "minute", "from": "2026-06-01", "until": "2026-06-01",
		},
	}, func(c *call, act domain.Act, b NewEvidence) (draft, error) {
		id := b.Evidence
		if id == "" {
			id = domain.NewID(act.Command, "evidence")
		}
		return draft{
			command: domain.RecordEvidence{
				Act: act, Registration: c.param("registration"), Evidence: id, Fact: b.fact(), Narrative: b.Narrative,
			},
			created: map[string]string{"evidence": id},
		}, nil
	})
	onRegistration(s, operation{
		id: "sign-evidence", path: "evidence/{evidence}/signatures", tag: "evidence", summary: "Sign evidence",
		text:  "Attests it as what the signer is. Where a supervisor cannot sign, staff attest in that role's place with a reason.",
		needs: permission{"sign", groupEvidence},
	}, func(c *call, act domain.Act, b Signing) (draft, error) {
		return draft{command: domain.SignEvidence{
			Act: act, Registration: c.param("registration"), Evidence: c.param("evidence"), For: b.For, Reason: b.Reason,
		}}, nil
	})
	onRegistration(s, operation{
		id: "dispute-evidence", path: "evidence/{evidence}/disputes", tag: "evidence", summary: "Dispute evidence",
		text: "It does not count until the dispute is answered.", needs: permission{"dispute", groupEvidence},
		example: map[string]any{"reason": "wrong-quantity"},
	}, func(c *call, act domain.Act, b Dispute) (draft, error) {
		return draft{command: domain.DisputeEvidence{
			Act: act, Registration: c.param("registration"), Evidence: c.param("evidence"), Reason: b.Reason, Text: b.Text,
		}}, nil
	})
	onRegistration(s, operation{
		id: "answer-evidence", path: "evidence/{evidence}/answers", tag: "evidence", summary: "Answer evidence",
		text: "The body's answer, effective from a day: accepted, refused, or another word of the programme.", needs: permission{"answer", groupEvidence},
		example: map[string]any{"answer": "accepted"},
	}, func(c *call, act domain.Act, b BodyAnswer) (draft, error) {
		return draft{command: domain.AnswerEvidence{
			Act: act, Registration: c.param("registration"), Evidence: []string{c.param("evidence")}, Answer: b.Answer,
			Reasons: b.Reasons, From: b.From, Text: b.Text,
		}}, nil
	})
	onRegistration(s, operation{
		id: "correct-evidence", path: "evidence/{evidence}/corrections", tag: "evidence", summary: "Correct evidence",
		text:  "Replaces what it says; what it said before stays readable. It needs signing anew, and decisions that rested on it are flagged for review.",
		needs: permission{"correct", groupEvidence}, example: map[string]any{"kind": "hours", "category": "one-to-one", "quantity": 120, "unit": "minute", "from": "2026-06-01", "reason": "wrong-quantity"},
	}, func(c *call, act domain.Act, b EvidenceCorrection) (draft, error) {
		return draft{command: domain.CorrectEvidence{
			Act: act, Registration: c.param("registration"), Evidence: c.param("evidence"), Reason: b.Reason, Fact: b.fact(), Text: b.Text,
		}}, nil
	})
	onRegistration(s, operation{
		id: "void-evidence", path: "evidence/{evidence}/void", tag: "evidence", summary: "Void evidence",
		text: "Takes it out: it never was so. It stays readable.", needs: permission{"void", groupEvidence}, example: map[string]any{"reason": "wrong-person"},
	}, func(c *call, act domain.Act, b Voiding) (draft, error) {
		return draft{command: domain.VoidEvidence{
			Act: act, Registration: c.param("registration"), Evidence: c.param("evidence"), Reason: b.Reason, Text: b.Text,
		}}, nil
	})
}

func (f Fact) fact() domain.Fact {
	return domain.Fact{
		Activity: f.Activity, Kind: f.Kind, Category: f.Category, Title: f.Title, Number: f.Number, Session: f.Session, Module: f.Module,
		Item: f.Item, Period: f.Period, Track: f.Track, Quantity: f.Quantity, Unit: f.Unit, Currency: f.Currency, Outcome: f.Outcome,
		Score: f.Score, OutOf: f.OutOf, From: f.From, Until: f.Until, Received: f.Received, FiledBy: f.FiledBy, FiledRole: f.FiledRole,
		Attester: f.Attester, AttesterRole: f.AttesterRole, Relation: f.Relation, Provider: f.Provider, Mode: f.Mode,
		Documents: f.Documents, Fulfils: f.Fulfils,
	}
}
