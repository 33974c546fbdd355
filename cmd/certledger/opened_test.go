package main

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
)

// openedDemo is the demo's cohort with canaries in every personal field, and
// tokens of those who may open dossiers.
type openedDemo struct {
	*player
	canaries *canaries
	policy   *proof.Policy
	person   map[string]string // by decision
}

func newOpenedDemo(t *testing.T, url, admin string) openedDemo {
	story, err := demo.Read()
	require.NoError(t, err)
	n := &canaries{random: rand.New(rand.NewPCG(rand.Uint64(), 0)), fields: map[string]string{}}
	p := &player{server: newClient(url, ""), story: story, admin: admin, text: n.make}
	require.NoError(t, p.play(t.Context(), nil))
	playTheRest(t, p, n)
	for _, role := range []string{domain.RoleAuditor, domain.RolePrivacyOfficer, domain.RoleAppealsPanel} {
		require.NoError(t, p.token(t.Context(), role, string(domain.StaffActor(randomID())), role))
	}
	var key []byte
	_, err = p.server.call(t.Context(), http.MethodGet, "/log-key", nil, &key)
	require.NoError(t, err)
	d := openedDemo{player: p, canaries: n, person: map[string]string{}}
	d.policy, err = proof.NewPolicy(proof.Trust{LogKeys: strings.Fields(string(key))[:1]})
	require.NoError(t, err)
	for _, id := range d.decisions(t) {
		var read struct {
			Entry struct {
				Data struct {
					Record struct{ Decided struct{ Person string } }
				}
			}
		}
		_, err = p.server.as(p.tokens[domain.RoleAuditor]).call(t.Context(), http.MethodGet, "/v1/decisions/"+id, nil, &read)
		require.NoError(t, err)
		d.person[id] = read.Entry.Data.Record.Decided.Person
	}
	return d
}

func (d openedDemo) decisions(t *testing.T) []string {
	var report api.AuditAnswer
	_, err := d.server.as(d.tokens[domain.RoleAuditor]).call(t.Context(), http.MethodPost, "/v1/audits", api.NewAudit{Size: 5000, Seed: "all"}, &report)
	require.NoError(t, err)
	return report.Report.Drawn()
}

// taken is a dossier as somebody takes it, verified, without the two files of what
// was opened, and what was opened.
func (d openedDemo) taken(t *testing.T, role, path string) (proof.Files, proof.Opening) {
	t.Helper()
	files, err := d.server.as(d.tokens[role]).dossier(t.Context(), path)
	require.NoError(t, err)
	_, err = proof.VerifyDossier(files, d.policy)
	require.NoError(t, err)
	var rest proof.Files
	var opened proof.Opening
	for _, f := range files {
		switch f.Name {
		case "opened.json":
			require.NoError(t, json.Unmarshal(f.Content, &opened))
		case "opened":
			d.canaries.findNone(t, "what the log has signed", f.Content)
		default:
			rest = append(rest, f)
		}
	}
	_, err = proof.VerifyDossier(rest, d.policy)
	require.NoError(t, err, "it verifies alike without them")
	for _, f := range rest {
		d.canaries.findNone(t, f.Name+" of a dossier for "+role, f.Content)
	}
	return rest, opened
}

// spot is where a value was sealed.
type spot struct {
	entry uint64
	group domain.Group
}

// openedIn is what was opened, by where it was sealed.
func openedIn(o proof.Opening) map[spot]map[string]string {
	out := map[spot]map[string]string{}
	for _, x := range o.Opened {
		out[spot{x.Entry, x.Group}] = x.Fields
	}
	return out
}

// Redacted, a dossier of the demo holds nothing personal in any form. Opened, it
// holds exactly what the role may read for the purpose, in one file, and the
// reading is in the ledger. Nothing of it is anywhere else.
func TestOpenedDossiersHoldExactlyWhatMayBeRead(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var c created
	require.NoError(t, json.Unmarshal([]byte(output(t, "init", "--data", data, "-o", "json")), &c))
	server := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "debug")
	d := newOpenedDemo(t, server.url, c.Token)
	require.Greater(t, len(d.person), 15)

	all := map[string]map[spot]map[string]string{} // by person: all there is of them
	readings, seen := 0, map[string]bool{}
	for _, person := range d.person {
		if all[person] != nil {
			continue
		}
		_, redacted := d.taken(t, domain.RoleAuditor, "/v1/persons/"+person+"/dossier")
		require.Empty(t, redacted.Opened)
		_, opened := d.taken(t, domain.RolePrivacyOfficer, "/v1/persons/"+person+"/dossier?purpose=data-subject-request")
		readings++
		all[person] = openedIn(opened)
		require.NotEmpty(t, all[person])
		for _, fields := range all[person] {
			for _, value := range fields {
				seen[value] = true
			}
		}
	}
	written := 0
	for value := range seen {
		if d.canaries.fields[value] != "" {
			written++
		}
	}
	require.Greater(t, written, 200, "the values are those that were written")

	shown := 0
	for decision, person := range d.person {
		for _, x := range []struct{ role, purpose string }{{domain.RoleAuditor, domain.PurposeAudit}, {domain.RoleAppealsPanel, domain.PurposeAppeal}} {
			files, opened := d.taken(t, x.role, "/v1/decisions/"+decision+"/dossier?purpose="+x.purpose)
			readings++
			require.Equal(t, allowed(t, files, decision, x.role, all[person]), openedIn(opened), "%s of %s", x.role, decision)
			shown += len(opened.Opened)
		}
	}
	require.Greater(t, shown, 2*len(d.person), "something was there to be read")
	dossierByCommand(t, d, server.url)
	readings++
	server.stop(t)

	export := output(t, "ledger", "export", "--data", data)
	require.Equal(t, readings, strings.Count(export, `"type":"certledger.access.recorded.v1"`), "every reading is recorded")
	d.canaries.findNone(t, "the ledger", []byte(export))
	d.canaries.findNone(t, "the log", []byte(server.logged()))
	require.NoError(t, filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		d.canaries.findNone(t, "file "+e.Name(), content)
		return nil
	}))
}

// allowed is what a role may read of a decision's dossier, by another way than the
// server's: of all that is sealed of the person what the decision's record names.
func allowed(t *testing.T, files proof.Files, decision, role string, all map[spot]map[string]string) map[spot]map[string]string {
	groups := []domain.Group{domain.GroupNarrative, domain.GroupPracticum, domain.GroupComplaint}
	if role == domain.RoleAuditor {
		groups = append(groups, domain.GroupIdentity, domain.GroupContact, domain.GroupClassification)
	}
	var record struct{ Evidence []struct{ Sequence uint64 } }
	i := slices.IndexFunc(files, func(f proof.File) bool { return f.Name == "decisions/"+decision+".json" })
	require.NoError(t, json.Unmarshal(files[i].Content, &record))
	var hand []uint64
	for _, e := range record.Evidence {
		hand = append(hand, e.Sequence)
	}
	entries, err := files.Entries()
	require.NoError(t, err)
	for _, e := range entries {
		if d, ok := e.Event.(*domain.DecisionRecorded); ok && d.Decision == decision {
			hand = append(hand, e.Sequence)
			if d.Proposed != nil {
				hand = append(hand, d.Proposed.Sequence)
			}
		}
	}
	out := map[spot]map[string]string{}
	for at, fields := range all {
		if slices.Contains(groups, at.group) && slices.Contains(hand, at.entry) {
			out[at] = fields
		}
	}
	return out
}

// dossierByCommand takes an opened dossier on the command line: only its user can
// read it.
func dossierByCommand(t *testing.T, d openedDemo, url string) {
	var decision string
	for id := range d.person {
		decision = max(decision, id)
	}
	dir := filepath.Join(t.TempDir(), "opened")
	require.NoError(t, os.Mkdir(dir, 0o755))
	ask := []string{"dossier", decision, "--out", dir, "--server", url, "--token", d.tokens[domain.RoleAuditor], "--purpose"}
	for purpose, status := range map[string]int{"curiosity": 2, "legal": 1} {
		err := exec.CommandContext(t.Context(), binary(t), append(slices.Clone(ask), purpose)...).Run()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, status, exit.ExitCode(), purpose)
	}
	output(t, append(ask, "audit")...)
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		} else {
			files++
		}
		require.Equal(t, want, info.Mode().Perm(), e.Name())
		return nil
	}))
	require.Greater(t, files, 50)
	read, err := proof.ReadDossier(os.DirFS(dir))
	require.NoError(t, err)
	report, err := proof.VerifyDossier(read, d.policy)
	require.NoError(t, err)
	require.Equal(t, domain.PurposeAudit, report.Opening.Purpose)
}
