package api

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
)

// rotating is the office's own signing with a key prepared, until it is taken
// away.
type rotating struct {
	Checkpoints
	current, next string
}

func (r rotating) Prepared() (current, next string) { return r.current, r.next }

func verifierKey(hash string) string {
	return "certledger/" + ledgerID + "+" + hash + "+" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 33)))
}

// What was recorded once is answered as the first time, whatever became of what
// the command was made of.
func TestAProposedRotationIsAnsweredAgainAfterItsEnd(t *testing.T) {
	o := newOffice(t)
	o.token("officer", "staff/officer", domain.RolePrivacyOfficer)
	signing := o.server.cfg.Checkpoints
	o.server.cfg.Checkpoints = rotating{signing, verifierKey("0000000a"), verifierKey("0000000b")}
	const path = "/v1/signing-keys/rotations"
	propose := func() answer { return o.post("administrator", path, map[string]any{}, "Idempotency-Key", "rotate-1") }
	first := propose().want(http.StatusCreated)
	o.post("officer", path+"/"+first.text("created", "proposal")+"/approval", map[string]any{}).want(http.StatusCreated)

	o.server.cfg.Checkpoints = signing // as after a rotation, and another start
	fresh, err := desk.New(desk.Config{Log: o.log, Store: o.store, Vault: o.vault, Ledger: ledgerID, Now: o.clock})
	require.NoError(t, err)
	o.server.cfg.Desk = fresh
	again := propose().want(http.StatusCreated)
	require.Equal(t, true, again.at("repeated"))
	for _, of := range []string{"created", "entries", "position", "version", "subject"} {
		require.Equal(t, first.at(of), again.at(of), of)
	}
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	o.post("administrator", path, map[string]any{}, "Idempotency-Key", "rotate-2").problem(http.StatusConflict, "no-key-prepared")
	o.post("administrator", path, map[string]any{"happened": "2026-03-01T10:00:00-05:00"}, "Idempotency-Key", "rotate-1").
		problem(http.StatusUnprocessableEntity, "idempotency-key-reused")
}

// A draw that left the seed to the server has that of the first.
func TestADrawSentAgainIsNotDrawnAnew(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.decided("sam")
	o.settle()
	draw := func(ask map[string]any) answer {
		return o.post("auditor", "/v1/audits", ask, "Idempotency-Key", "audit-1")
	}
	first := draw(map[string]any{"size": 3}).want(http.StatusCreated)
	again := draw(map[string]any{"size": 3}).want(http.StatusCreated)
	require.Equal(t, true, again.at("repeated"))
	require.Equal(t, first.at("report"), again.at("report"), "with the seed of the first")
	require.Equal(t, first.at("created"), again.at("created"))
	draw(map[string]any{"size": 4}).problem(http.StatusUnprocessableEntity, "idempotency-key-reused")
}

// A decision that the ledger has already is answered with the one that stands.
func TestAGrantThatStandsIsNamed(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	path, first := o.grantedTo("sam")
	grant := map[string]any{"act": "grant", "level": "level-1r"}
	again := o.post("certifier", path+"/decisions", grant).want(http.StatusOK)
	id := first.text("created", "decision")
	require.Empty(t, again.list("entries"))
	require.Equal(t, id, again.text("already", "decision"))
	require.Equal(t, "/v1/decisions/"+id, again.header.Get("Location"))
	require.Equal(t, first.at("proof", "sequence"), again.at("proof", "sequence"))
	require.Equal(t, first.at("proof", "leaf"), again.at("proof", "leaf"))
	require.NotEmpty(t, again.text("proof", "inclusion"))
	require.Nil(t, first.at("already"))

	suspend := map[string]any{"act": "suspend", "reason": "other"}
	held := o.post("certifier", path+"/decisions", suspend).want(http.StatusCreated)
	twice := o.post("certifier", path+"/decisions", suspend).want(http.StatusOK)
	require.Equal(t, held.text("created", "decision"), twice.text("already", "decision"))
}
