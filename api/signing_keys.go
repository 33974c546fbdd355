package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

const groupSigningKeys group = "signing-keys"

// SigningKeys are the keys that sign checkpoints, and how they came to.
type SigningKeys struct {
	Keys      []string             `json:"keys" doc:"The verifier keys that checkpoints are signed with now; two during a rotation" example:"[\"certledger/5f0c+1a2b3c4d+AQ…\"]"`
	Prepared  string               `json:"prepared,omitempty" doc:"A key that was made and that nobody has announced yet"`
	History   []SigningKey         `json:"history" doc:"Every key that ever signed, the newest first. Checkpoints stay valid under the key that signed them, so keep the older ones to verify older checkpoints."`
	Rotations []domain.KeyRotation `json:"rotations" doc:"Rotations that two people have announced"`
	Proposals []domain.Proposal    `json:"proposals" doc:"Proposed rotations that are open"`
}

// SigningKey is a key that signs checkpoints, or did.
type SigningKey struct {
	Key      string    `json:"key" doc:"The verifier key" example:"certledger/5f0c+1a2b3c4d+AQ…"`
	Signs    bool      `json:"signs" doc:"It signs now"`
	From     *KeyPoint `json:"from,omitempty" doc:"When two people announced it; left out for the ledger's first key"`
	Replaced *KeyPoint `json:"replaced,omitempty" doc:"When two people announced the key after it. From then on both sign, until this one is taken away."`
}

// KeyPoint is an entry by which a key was announced.
type KeyPoint struct {
	Sequence uint64    `json:"sequence" doc:"Place in the ledger" example:"412"`
	Time     time.Time `json:"time" doc:"When it happened"`
}

// KeyHistory lists every key that ever signed, the newest first, from the
// rotations in the ledger and the keys that sign now.
func KeyHistory(rotations []domain.KeyRotation, signing []string) []SigningKey {
	var out []SigningKey
	if len(rotations) > 0 {
		out = append(out, SigningKey{Key: rotations[0].Old})
	}
	for _, r := range rotations {
		at := &KeyPoint{r.Made.Sequence, r.Made.Time}
		out[len(out)-1].Replaced = at
		out = append(out, SigningKey{Key: r.New, From: at})
	}
	for _, key := range signing {
		i := slices.IndexFunc(out, func(k SigningKey) bool { return k.Key == key })
		if i < 0 {
			i = len(out)
			out = append(out, SigningKey{Key: key})
		}
		out[i].Signs = true
	}
	slices.Reverse(out)
	return out
}

var noKeyPrepared = kind{"no-key-prepared", http.StatusConflict, "There is no new key; make one with `certledger key prepare` and start the server again.", 0}

func (s *server) signingKeyRoutes() {
	read(s, operation{
		id: "get-signing-keys", path: "/v1/signing-keys", tag: "proofs", summary: "Read the keys that sign", needs: permission{"read", groupSigningKeys},
		text: "The keys are public, and also at /log-key without a token: those in use and those before, the newest first. Compare them with what you were given elsewhere.",
	}, func(_ context.Context, _ *call, v *projections.View, _ *Reading) (found[SigningKeys], error) {
		return s.signingKeys(v)
	})
	rotate := permission{"rotate", groupSigningKeys}
	write(s, operation{
		id: "propose-key-rotation", method: http.MethodPost, path: "/v1/signing-keys/rotations", tag: "proofs", summary: "Propose that the new key signs",
		text: "The key that was prepared on the server." + twoPeople + " From then on both keys sign, until the old one is taken away.", needs: rotate, status: http.StatusCreated,
	}, func(_ *call, act domain.Act, _ Moment) (draft, error) {
		command := domain.ProposeKeyRotation{Act: act}
		return draft{
			command: command, created: map[string]string{"proposal": domain.NewID(act.Command, "proposal")}, at: "/v1/signing-keys",
			complete: func() (_ domain.Command, err error) {
				command.Old, command.New, err = s.prepared()
				return command, err
			},
		}, nil
	})
	write(s, operation{
		id: "approve-key-rotation", method: http.MethodPost, path: "/v1/signing-keys/rotations/{proposal}/approval", tag: "proofs", summary: "Approve a rotation",
		text: "Done by another person than the proposer. The next checkpoint is signed with both keys.", needs: rotate, status: http.StatusCreated,
	}, func(c *call, act domain.Act, _ Moment) (draft, error) {
		return draft{command: domain.RotateSigningKey{Act: act, Proposal: c.param("proposal")}, at: "/v1/signing-keys"}, nil
	})
	write(s, operation{
		id: "decline-key-rotation", method: http.MethodPost, path: "/v1/signing-keys/rotations/{proposal}/decline", tag: "proofs", summary: "Decline or withdraw a rotation",
		text: "Closes the proposal. Its proposer withdraws it, anybody else declines it.", needs: rotate, example: map[string]any{"reason": "replaced"},
	}, func(c *call, act domain.Act, b WithReason) (draft, error) {
		return draft{command: domain.DeclineProposal{Act: act, On: domain.SystemSubject, Proposal: c.param("proposal"), Reason: b.Reason}}, nil
	})
}

// prepared are the key that signs and the one that was prepared to come after it.
func (s *server) prepared() (current, next string, err error) {
	if s.cfg.Checkpoints != nil {
		current, next = s.cfg.Checkpoints.Prepared()
	}
	if next == "" {
		err = noKeyPrepared.problem()
	}
	return current, next, err
}

func (s *server) signingKeys(v *projections.View) (found[SigningKeys], error) {
	out := found[SigningKeys]{body: SigningKeys{Keys: []string{}, History: []SigningKey{}, Rotations: []domain.KeyRotation{}, Proposals: []domain.Proposal{}}}
	system, err := v.System()
	if err != nil {
		return out, err
	}
	if system != nil {
		out.body.Rotations = slices.Concat(out.body.Rotations, system.Rotations)
		for _, p := range system.Proposals {
			if p.Closed == "" {
				out.body.Proposals = append(out.body.Proposals, p)
			}
		}
	}
	if s.cfg.Checkpoints == nil {
		return out, nil
	}
	if out.body.Keys, err = s.cfg.Checkpoints.Verifiers(); err != nil {
		return out, err
	}
	out.body.History = KeyHistory(out.body.Rotations, out.body.Keys)
	if _, next := s.cfg.Checkpoints.Prepared(); !slices.Contains(out.body.Keys, next) {
		out.body.Prepared = next
	}
	return out, nil
}

// logKeys are the keys that ever signed, one a line, the newest first.
func (s *server) logKeys() ([]byte, error) {
	if s.cfg.Checkpoints == nil {
		return nil, noCheckpoint.problem()
	}
	signing, err := s.cfg.Checkpoints.Verifiers()
	if err != nil {
		return nil, err
	}
	system, err := s.cfg.Store.System()
	if err != nil {
		return nil, err
	}
	var rotations []domain.KeyRotation
	if system != nil {
		rotations = system.Rotations
	}
	var lines strings.Builder
	for _, k := range KeyHistory(rotations, signing) {
		lines.WriteString(k.Key + "\n")
	}
	return []byte(lines.String()), nil
}
