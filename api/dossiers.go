package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/projections"
)

const groupDossiers group = "dossiers"

type dossierOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Position    uint64 `header:"Ledger-Position" doc:"Entries that the dossier's checkpoint covers"`
	Body        func(huma.Context)
}

var nothingDecided = kind{"nothing-decided", http.StatusConflict, "Nothing was decided on this person yet, so there is nothing to derive again.", 0}

// dossierKind is a kind of dossier: what a reading of it is called, and how what
// one is about is found, as of an entry, with the last entry that it must reach.
type dossierKind struct {
	what  string
	named string // in the path
	about func(c *call, v *projections.View, until uint64) (proof.About, uint64, error)
}

func (s *server) dossierRoutes() {
	text := " A zip that is verified offline by `certverify`, or by anybody from docs/verifying.md: rules, entries, proofs, and the checkpoint. " +
		"Personal values in it stay sealed. With a purpose those that the role may read for it are added in the clear, in files of their own: remove them, and the rest verifies alike. "
	s.dossierRoute(operation{
		id: "get-decision-dossier", path: "/v1/decisions/{decision}/dossier", tag: "decisions", summary: "Take a decision's dossier",
		text: "Everything needed to derive the decision again without this server." + text + openingSentence(domain.ReadDecisionDossier),
	}, dossierKind{domain.ReadDecisionDossier, "decision", decisionDossier})
	s.dossierRoute(operation{
		id: "get-person-dossier", path: "/v1/persons/{person}/dossier", tag: "persons", summary: "Take a person's dossier",
		text: "All registrations of a person with every decision on them." + text + openingSentence(domain.ReadPersonDossier),
	}, dossierKind{domain.ReadPersonDossier, "person", personDossier})
}

func decisionDossier(c *call, v *projections.View, _ uint64) (proof.About, uint64, error) {
	at, ok, err := v.Decision(c.param("decision"))
	if err != nil || !ok {
		return proof.About{}, 0, orElse(err, noSuchDecide)
	}
	return proof.About{Decision: c.param("decision"), Registrations: []string{at.Registration}}, at.Sequence, nil
}

// personDossier is about all registrations that the person has had up to an entry,
// and must cover all that is recorded on them by now.
func personDossier(c *call, v *projections.View, until uint64) (about proof.About, last uint64, err error) {
	ids, err := v.OfPerson(c.param("person"))
	if err != nil || len(ids) == 0 {
		return about, 0, orElse(err, noSuchPerson)
	}
	decided := false
	for _, id := range ids {
		st, err := v.Standing(id)
		if err != nil {
			return about, 0, err
		}
		if st.Submitted.Sequence <= until {
			about.Registrations = append(about.Registrations, id)
		}
		last, decided = max(last, st.Sequence), decided || len(st.Decisions) > 0
	}
	if !decided {
		return about, 0, nothingDecided.problem()
	}
	return about, last, nil
}

// dossierRoute answers with a dossier, once a checkpoint covers what it is
// about.
func (s *server) dossierRoute(o operation, of dossierKind) {
	type input struct {
		Reading
		Opening
	}
	o.method, o.needs = http.MethodGet, permission{"read", groupDossiers}
	o.answers = map[string]*huma.Response{"200": {
		Description: "The dossier", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *input) (*dossierOutput, error) {
		c := callOf(ctx)
		files, size, err := s.dossier(ctx, c, of, dossierRead{of.what, c.param(of.named), in.Purpose})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &dossierOutput{
			Type: "application/zip", Disposition: `attachment; filename="dossier.zip"`, Position: size,
			Body: func(c huma.Context) { _ = files.WriteZip(c.BodyWriter()) }, // the connection is gone; nobody is there to be told
		}, nil
	})
	s.operations = append(s.operations, &o)
}

func (s *server) dossier(ctx context.Context, c *call, kind dossierKind, d dossierRead) (_ proof.Files, size uint64, err error) {
	may, err := c.mayOpen(d)
	if err != nil {
		return nil, 0, err
	}
	last, err := s.reachOf(c, kind)
	if err != nil {
		return nil, 0, err
	}
	at, err := s.covering(ctx, last)
	if err != nil {
		return nil, 0, err
	}
	files, err := s.redacted(c, kind, at)
	if err == nil && d.purpose != "" {
		files, err = s.opened(ctx, c, d, may, files, at)
	}
	return files, at.Size, err
}

// redacted is a dossier in which everything that is sealed stays so. What it is
// about is what there was at the checkpoint: meanwhile there may be more than when
// the checkpoint was asked for, and it says of a person that this is all.
func (s *server) redacted(c *call, kind dossierKind, at checkpoints.Published) (_ proof.Files, err error) {
	v, err := s.cfg.Store.View() // at least as far as the checkpoint
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	of, _, err := kind.about(c, v, at.Size)
	if err != nil {
		return nil, err
	}
	return s.cfg.Checkpoints.Dossier(dossierSource{v, v.Hashes()}, of, at)
}

// reachOf is the entry that a dossier must reach.
func (s *server) reachOf(c *call, kind dossierKind) (last uint64, err error) {
	v, err := s.cfg.Store.View()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	at, err := v.Position()
	if err != nil {
		return 0, err
	}
	_, last, err = kind.about(c, v, at.Sequence)
	return last, err
}

// dossierSource is what a dossier is made from.
type dossierSource struct {
	view *projections.View
	tlog.HashReader
}

// EntriesOf are the entries of a subject up to a sequence.
func (d dossierSource) EntriesOf(of domain.Subject, until uint64) ([]proof.Stored, error) {
	var out []proof.Stored
	for after := uint64(0); ; {
		page, err := d.view.EntriesOf(of, after, projections.EntriesMax)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if e.Sequence > until {
				return out, nil
			}
			out = append(out, proof.Stored{Sequence: e.Sequence, Payload: e.Payload})
			after = e.Sequence
		}
		if len(page) < projections.EntriesMax {
			return out, nil
		}
	}
}
