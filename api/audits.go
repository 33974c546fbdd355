package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/api/auditing"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupAudits group = "audits"

// NewAudit is a sample to draw.
type NewAudit struct {
	When
	Seed      string `json:"seed,omitempty" maxLength:"64" pattern:"^[a-z0-9][a-z0-9-]{0,63}$" doc:"What the sample is drawn with: 1 to 64 lower-case letters, digits and hyphens, agreed before anybody has looked. Left out, one is drawn and recorded." example:"dice-4-2-6-6-1"`
	Size      int    `json:"size" minimum:"1" maximum:"5000" doc:"How many decisions to draw; fewer where there are fewer" example:"25"`
	Until     uint64 `json:"until,omitempty" doc:"Only decisions recorded up to this position; left out, all" example:"412"`
	Programme string `json:"programme,omitempty" maxLength:"64" doc:"Only decisions of a programme" example:"peerworks-core-essentials"`
}

// AuditAnswer is Recorded with what the sample came to.
type AuditAnswer struct {
	Recorded
	Report auditing.Report `json:"report" doc:"Each decision drawn, and whether it was derived again identically"`
}

// AuditReport is an audit as it was recorded, and its decisions derived again
// now.
type AuditReport struct {
	Audit  domain.Audit    `json:"audit" doc:"What was recorded then"`
	Report auditing.Report `json:"report" doc:"The same decisions derived again now"`
	Same   bool            `json:"same" doc:"Whether the report now has the hash that was recorded then"`
}

type auditOutput struct {
	Status   int
	Location string `header:"Location"`
	Position uint64 `header:"Ledger-Position"`
	Body     AuditAnswer
}

var (
	nothingToDraw = kind{"nothing-to-draw", http.StatusConflict, "There is no decision to draw a sample from; nothing was recorded.", 0}
	noSuchAudit   = kind{"no-such-audit", http.StatusNotFound, "There is no such audit among the latest; please check the identifier.", 0}
)

func (s *server) auditRoutes() {
	type list struct {
		Reading
		Paging
	}
	mayRead := permission{"read", groupAudits}
	s.drawRoute()
	read(s, operation{
		id: "list-audits", path: "/v1/audits", tag: "audits", summary: "List audits", needs: mayRead,
		text: "The latest samples that were drawn, with their seeds and what they came to. Older ones stand in the ledger.",
	}, func(_ context.Context, _ *call, v *projections.View, in *list) (found[Page[domain.Audit]], error) {
		system, err := v.System()
		if err != nil || system == nil {
			return found[Page[domain.Audit]]{body: Page[domain.Audit]{Items: []domain.Audit{}}}, err
		}
		return pageAfter(in.Paging, system.Audits, func(a domain.Audit) string { return padded(a.Made.Sequence) })
	})
	read(s, operation{
		id: "get-audit", path: "/v1/audits/{audit}", tag: "audits", summary: "Read an audit, and derive its sample again", needs: mayRead,
		text: "What was recorded, and the same decisions derived once more.",
	}, func(ctx context.Context, c *call, v *projections.View, _ *Reading) (found[AuditReport], error) {
		out, err := auditAgain(ctx, v, c.param("audit"))
		return found[AuditReport]{body: out}, err
	})
	read(s, operation{
		id: "derive-decision", path: "/v1/decisions/{decision}/derivation", tag: "decisions", summary: "Derive a decision again",
		text:  "Takes the decision anew from the entries it rested on, by the rules of then, and compares every node: identical, or the first difference. To do so without trusting this server, take its dossier.",
		needs: permission{"read", groupDecisions},
	}, func(ctx context.Context, c *call, v *projections.View, _ *Reading) (found[auditing.Checked], error) {
		id := c.param("decision")
		if _, ok, err := v.Decision(id); err != nil || !ok {
			return found[auditing.Checked]{}, orElse(err, noSuchDecide)
		}
		checked, err := auditing.Derive(ctx, v, []string{id}, nil)
		if err != nil {
			return found[auditing.Checked]{}, err
		}
		return found[auditing.Checked]{body: checked[0]}, nil
	})
}

// drawRoute draws a sample, derives it again, and records with which seed and
// to what end. The report itself can be had again at any time.
func (s *server) drawRoute() {
	o := operation{
		id: "draw-audit", method: http.MethodPost, path: "/v1/audits", tag: "audits", summary: "Draw a sample of decisions and derive each again", status: http.StatusCreated,
		text: "The decisions in the order of the SHA-256 of the seed, a zero byte and the decision's identifier, cut after size: anybody can draw the same. " +
			"The seed, the sample and the outcome are recorded.",
		needs: permission{"record", groupAudits}, example: map[string]any{"seed": "dice-4-2-6-6-1", "size": 25},
	}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *writeInput[NewAudit]) (*auditOutput, error) {
		var report auditing.Report
		out, err := s.write(ctx, in.Key, in.IfMatch, in.Body, func(_ *call, act domain.Act) (draft, error) {
			id := domain.NewID(act.Command, "audit")
			return draft{
				command: domain.RecordAudit{Act: act}, created: map[string]string{"audit": id}, at: "/v1/audits/" + id,
				complete: func() (_ domain.Command, err error) {
					if report, err = s.draw(ctx, in.Body); err != nil {
						return nil, err
					}
					hash, err := report.Hash()
					return domain.RecordAudit{
						Act: act, Audit: id, Seed: report.Seed, Population: report.Population, Decisions: report.Drawn(),
						Identical: report.Identical, Different: report.Different, Report: hash,
					}, err
				},
			}, nil
		})
		if err == nil && out.Body.Repeated { // as it was answered the first time
			report, err = s.reportOf(ctx, out.Position, out.Body.Created["audit"])
		}
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &auditOutput{Status: out.Status, Location: out.Location, Position: out.Position, Body: AuditAnswer{out.Body, report}}, nil
	})
	optionalBody(s.api, &o)
	s.operations = append(s.operations, &o)
}

func (s *server) draw(ctx context.Context, ask NewAudit) (_ auditing.Report, err error) {
	v, err := s.cfg.Store.View()
	if err != nil {
		return auditing.Report{}, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	if at, err := v.Position(); err != nil || ask.Until > at.Sequence {
		if err == nil {
			err = invalid.at("body.until", "expected a position that the ledger has reached")
		}
		return auditing.Report{}, err
	}
	q := auditing.Question{Seed: ask.Seed, Size: ask.Size, Until: ask.Until, Programme: ask.Programme}
	if q.Seed == "" {
		q.Seed = newName()
	}
	report, err := auditing.Sample(ctx, v, q)
	if errors.Is(err, auditing.ErrNothing) {
		err = nothingToDraw.problem()
	}
	return report, err
}

// reportOf is the report of an audit that was recorded, up to a position.
func (s *server) reportOf(ctx context.Context, position uint64, id string) (_ auditing.Report, err error) {
	if err := s.cfg.Store.Wait(ctx, position); err != nil {
		return auditing.Report{}, err
	}
	v, err := s.cfg.Store.View()
	if err != nil {
		return auditing.Report{}, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	out, err := auditAgain(ctx, v, id)
	return out.Report, err
}

// auditAgain derives the sample of an audit once more.
func auditAgain(ctx context.Context, v *projections.View, id string) (AuditReport, error) {
	audit, err := auditOf(v, id)
	if err != nil {
		return AuditReport{}, err
	}
	out := AuditReport{Audit: audit}
	q := auditing.Question{Seed: audit.Seed, Size: audit.Sampled, Until: audit.Population.Until, Programme: audit.Population.Programme}
	if out.Report, err = auditing.Sample(ctx, v, q); err != nil {
		return AuditReport{}, err
	}
	hash, err := out.Report.Hash()
	out.Same = hash == audit.Report
	return out, err
}

// auditOf finds an audit: among the latest, or else in the ledger.
func auditOf(v *projections.View, id string) (domain.Audit, error) {
	system, err := v.System()
	if err != nil || system == nil {
		return domain.Audit{}, orElse(err, noSuchAudit)
	}
	if i := slices.IndexFunc(system.Audits, func(a domain.Audit) bool { return a.ID == id }); i >= 0 {
		return system.Audits[i], nil
	}
	if len(system.Audits) < domain.AuditsKept {
		return domain.Audit{}, noSuchAudit.problem()
	}
	entries, err := v.History(domain.SystemSubject, system.Audits[0].Made.Sequence)
	if err != nil {
		return domain.Audit{}, err
	}
	var then domain.System
	for _, e := range entries {
		then.Apply(e)
		if n := len(then.Audits); n > 0 && then.Audits[n-1].ID == id {
			return then.Audits[n-1], nil
		}
	}
	return domain.Audit{}, noSuchAudit.problem()
}
