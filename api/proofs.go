package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
)

const groupProofs group = "proofs"

var _ Checkpoints = (*checkpoints.Publisher)(nil)

// coverMax is how long an answer waits for a checkpoint that covers it.
const coverMax = 10 * time.Second

// Checkpoints are what was signed. *checkpoints.Publisher is one.
type Checkpoints interface {
	// Latest has no Signed where nothing was published.
	Latest() checkpoints.Published

	// Cover waits for one that covers an entry.
	Cover(ctx context.Context, sequence uint64) (checkpoints.Published, error)

	// Verifiers are the keys that sign now.
	Verifiers() ([]string, error)

	// Prepared are the key that signs, and the one that may come after it; empty
	// where there is none.
	Prepared() (current, next string)

	// Dossier makes a dossier as the ledger was at a checkpoint.
	Dossier(from proof.Source, about proof.About, at checkpoints.Published) (proof.Files, error)

	// Opening adds sealed values in the clear to a dossier made at a checkpoint.
	Opening(files proof.Files, what proof.Opening, at checkpoints.Published) (proof.Files, error)

	// Err is why nothing is signed any more; nil while all is well.
	Err() error
}

// DecisionProof shows that a decision is in the ledger for ever: with the log's
// key anybody can check it, without this server.
type DecisionProof struct {
	Sequence  uint64 `json:"sequence" doc:"The decision's place in the ledger" example:"412"`
	Leaf      string `json:"leaf" doc:"What the ledger's tree holds of it" example:"{\"leaf\":1,\"payload\":\"sha256:…\",\"sequence\":412}"`
	Inclusion string `json:"inclusion" doc:"That the leaf is in the tree of a signed checkpoint: a .tlog-proof (C2SP)"`
}

var (
	noCheckpoint = kind{"no-checkpoint", http.StatusServiceUnavailable, "No signed checkpoint covers this yet; please try again in a moment.", 2}
	noSigning    = kind{"signing-stopped", http.StatusServiceUnavailable, "Checkpoints are no longer signed until the ledger's keeper has seen to it; what was signed before stays valid.", 60}
	noSuchTile   = kind{"no-such-tile", http.StatusNotFound, "The tree of the latest checkpoint has no such tile.", 0}
)

// proofRoutes are for those who do not want to trust this server.
func (s *server) proofRoutes() {
	mayRead := permission{"read", groupProofs}
	textRoute(s, operation{
		id: "prove-inclusion", path: "/v1/proofs/inclusion", tag: "proofs", summary: "Prove that an entry is in the ledger", needs: mayRead,
		text: "A .tlog-proof (C2SP tlog-proof): the hashes from the entry's leaf to the root of the latest signed checkpoint, and that checkpoint. " +
			"The leaf is `{\"leaf\":1,\"payload\":\"sha256:…\",\"sequence\":…}` over the SHA-256 of the entry's stored bytes.",
	}, func(ctx context.Context, in *struct {
		Reading
		Sequence uint64 `query:"seq" required:"true" minimum:"1" doc:"Sequence of the entry" example:"412"`
	},
	) ([]byte, error) {
		if head, err := s.cfg.Ledger.Head(ctx); err != nil || in.Sequence > head {
			return nil, orElse(err, noSuchEntry)
		}
		return s.inclusion(ctx, in.Sequence)
	})
	textRoute(s, operation{
		id: "prove-consistency", path: "/v1/proofs/consistency", tag: "proofs", summary: "Prove that one checkpoint continues another", needs: mayRead,
		text: "The hashes that lead from the tree of one size to that of another (RFC 6962), one a line in base64. To compare two checkpoints that you hold, nothing else is needed.",
	}, func(_ context.Context, in *struct {
		Reading
		From uint64 `query:"from" required:"true" minimum:"1" doc:"Size of the earlier tree" example:"300"`
		To   uint64 `query:"to" doc:"Size of the later tree; left out, that of the latest checkpoint" example:"412"`
	},
	) ([]byte, error) {
		latest, err := s.whole()
		if err != nil {
			return nil, err
		}
		to := in.To
		if to == 0 {
			to = latest.Size
		}
		if in.From > to || to > latest.Size {
			return nil, invalid.at("query.from", "expected two sizes in order, up to that of the latest checkpoint: "+strconv.FormatUint(latest.Size, 10))
		}
		hashes, err := proof.Consistency(s.cfg.Store.Hashes(), in.From, to)
		return proof.FormatHashes(hashes), err
	})
}

// textRoute registers a read whose answer is text.
func textRoute[I any](s *server, o operation, answer func(context.Context, *I) ([]byte, error)) {
	type output struct {
		Type string `header:"Content-Type"`
		Body func(huma.Context)
	}
	o.method = http.MethodGet
	o.answers = map[string]*huma.Response{"200": {
		Description: "Text", Content: map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	huma.Register(s.api, s.describe(&o), func(ctx context.Context, in *I) (*output, error) {
		b, err := answer(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &output{Type: "text/plain; charset=utf-8", Body: func(c huma.Context) { _, _ = c.BodyWriter().Write(b) }}, nil
	})
	s.operations = append(s.operations, &o)
}

// latest is the latest checkpoint, or the problem that there is none.
func (s *server) latest() (checkpoints.Published, error) {
	if s.cfg.Checkpoints == nil {
		return checkpoints.Published{}, noCheckpoint.problem()
	}
	latest := s.cfg.Checkpoints.Latest()
	if latest.Signed == nil {
		return latest, noCheckpoint.problem()
	}
	return latest, nil
}

// whole is latest while the tree is the one that was signed.
func (s *server) whole() (checkpoints.Published, error) {
	latest, err := s.latest()
	if err == nil && s.cfg.Checkpoints.Err() != nil {
		err = noSigning.problem()
	}
	return latest, err
}

// covering waits for a checkpoint that covers an entry.
func (s *server) covering(ctx context.Context, sequence uint64) (checkpoints.Published, error) {
	switch {
	case s.cfg.Checkpoints == nil:
		return checkpoints.Published{}, noCheckpoint.problem()
	case s.cfg.Checkpoints.Err() != nil:
		return checkpoints.Published{}, noSigning.problem()
	}
	ctx, cancel := context.WithTimeout(ctx, coverMax)
	defer cancel()
	if err := s.cfg.Store.Wait(ctx, sequence); err != nil {
		return checkpoints.Published{}, err
	}
	covering, err := s.cfg.Checkpoints.Cover(ctx, sequence)
	switch {
	case err == nil:
		return covering, nil
	case s.cfg.Checkpoints.Err() != nil:
		return covering, noSigning.problem()
	case errors.Is(err, context.DeadlineExceeded):
		return covering, noCheckpoint.problem()
	}
	return covering, err
}

// inclusion proves an entry, as text.
func (s *server) inclusion(ctx context.Context, sequence uint64) ([]byte, error) {
	covering, err := s.covering(ctx, sequence)
	if err != nil {
		return nil, err
	}
	return proof.FormatInclusion(s.cfg.Store.Hashes(), sequence, covering.Signed)
}

// proofOf is what a decision among the entries recorded is answered with: nil
// where there is none, or where no checkpoint was signed in time.
func (s *server) proofOf(ctx context.Context, a desk.Answer) *DecisionProof {
	i := slices.IndexFunc(a.Entries, func(e desk.Recorded) bool { return e.Type == (*domain.DecisionRecorded)(nil).Type() })
	if i < 0 {
		return nil
	}
	return s.proofAt(ctx, a.Entries[i].Sequence)
}

// proofAt is proofOf for the decision in an entry.
func (s *server) proofAt(ctx context.Context, sequence uint64) *DecisionProof {
	if s.cfg.Checkpoints == nil {
		return nil
	}
	inclusion, err := s.inclusion(ctx, sequence)
	if err == nil {
		var leaf []byte
		if leaf, err = s.leaf(sequence); err == nil {
			return &DecisionProof{Sequence: sequence, Leaf: string(leaf), Inclusion: string(inclusion)}
		}
	}
	s.log(ctx).Error("a decision is recorded, and answered without its proof", "error", err.Error())
	return nil
}

func (s *server) leaf(sequence uint64) ([]byte, error) {
	e, ok, err := s.cfg.Store.Entry(sequence)
	if err != nil || !ok {
		return nil, orElse(err, noSuchEntry)
	}
	return proof.Leaf(sequence, sha256.Sum256(e.Payload)), nil
}

// logRoutes are those of C2SP tlog-tiles, and the log's key. They tell nobody
// who did what, and take no token.
func (s *server) logRoutes() {
	s.mux.HandleFunc("GET /checkpoint", s.open("text/plain; charset=utf-8", "no-cache", func(*http.Request) ([]byte, error) {
		latest, err := s.latest()
		return latest.Signed, err
	}))
	s.mux.HandleFunc("GET /tile/{path...}", s.open("application/octet-stream", "public, max-age=31536000, immutable", s.tile))
	s.mux.HandleFunc("GET /log-key", s.open("text/plain; charset=utf-8", "no-cache", func(*http.Request) ([]byte, error) { return s.logKeys() }))
}

// open answers without a token.
func (s *server) open(contentType, cache string, answer func(*http.Request) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := answer(r)
		if err != nil {
			s.answerProblem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", cache)
		_, _ = w.Write(b) // the connection is gone; nobody is there to be told
	}
}

// tile is a tile of the tree of the latest checkpoint, or its bundle of leaves.
func (s *server) tile(r *http.Request) ([]byte, error) {
	t, err := proof.ParseTilePath(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil {
		return nil, noSuchTile.problem()
	}
	latest, err := s.whole()
	if err != nil {
		return nil, err
	}
	if t.In(latest.Size) != nil {
		return nil, noSuchTile.problem()
	}
	if !t.Entries {
		return s.cfg.Store.Tile(t.Level, t.N, t.Width)
	}
	leaves, err := s.cfg.Store.Leaves(t.N, t.Width)
	if err != nil {
		return nil, err
	}
	return proof.EntryBundle(leaves)
}
