package docs

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// outside is a verifier that somebody wrote who had docs/verifying.md and the
// published documents that it names, and nothing of ours: steps 1 to 11 of its
// section 6.
type outside struct {
	files   map[string][]byte
	origin  string
	tree    tlog.Tree
	entries []outsideEntry // by sequence
	of      map[string][]outsideEntry
	heads   map[string][3]string // version, sequence, hash
}

// outsideEntry is what of an entry is looked at.
type outsideEntry struct {
	sequence int64
	bytes    []byte
	hash     string

	ID, Type, Source, Subject, Previous, Actor string
	Time, RecordedTime                         time.Time
	Version                                    int
	Data                                       struct {
		Reads []struct {
			Subject, Hash string
			Version       int
			Sequence      int64
		}
		Proposed *struct {
			Proposal, Hash, By string
			Sequence           int64
		}
		Proposal, Decision, Act, Digest, Rules, Programme string
		Until                                             any // a day, or of proposals a time
		Record, What                                      json.RawMessage
	}
}

// act is what an entry does, without what is not proposed.
func act(data []byte) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return "", err
	}
	delete(fields, "proposed")
	delete(fields, "reads")
	delete(fields, "sealed")
	b, err := json.Marshal(fields)
	if err == nil {
		b, err = sortedJSON(b)
	}
	return string(b), err
}

func sha(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

// outsideVerify is nil where a dossier holds, as far as it can be told without the
// rules.
func outsideVerify(files map[string][]byte, vkey string) error {
	v := &outside{files: files, of: map[string][]outsideEntry{}, heads: map[string][3]string{}}
	for i, step := range []func() error{
		func() error { return v.signed(vkey) }, v.proven, v.rules, v.read, v.chained, v.whole, v.looked, v.said, v.twoPeople,
	} {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

// signed opens the checkpoint and heads.
func (v *outside) signed(vkey string) error {
	key, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	v.origin = key.Name()
	text, err := openOutside(v.files["checkpoint"], key)
	if err != nil {
		return err
	}
	if v.tree, err = tlog.ParseTree([]byte("go.sum database tree\n" + strings.Join(strings.Split(text, "\n")[1:], "\n"))); err != nil {
		return err
	}
	if text != fmt.Sprintf("%s\n%d\n%s\n", v.origin, v.tree.N, v.tree.Hash) {
		return errors.New("the checkpoint is another")
	}
	if text, err = openOutside(v.files["heads"], key); err != nil {
		return err
	}
	begin := fmt.Sprintf("%s/heads\n1\n%d\n%s\n", v.origin, v.tree.N, v.tree.Hash)
	subjects, ok := strings.CutPrefix(text, begin)
	if !ok {
		return errors.New("heads is about another tree")
	}
	for line := range strings.Lines(subjects) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(parts) != 4 {
			return errors.New("heads has another line")
		}
		v.heads[parts[0]] = [3]string(parts[1:])
	}
	return nil
}

// openOutside opens a note that one key has signed, and that is written in one way.
func openOutside(signed []byte, key note.Verifier) (string, error) {
	n, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return "", err
	}
	s := n.Sigs[0]
	raw, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
	if err != nil || len(n.UnverifiedSigs) > 0 {
		return "", errors.New("signed otherwise")
	}
	if again := n.Text + "\n— " + s.Name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"; again != string(signed) {
		return "", errors.New("written otherwise")
	}
	return n.Text, nil
}

// proven holds each entry to its leaf, and each leaf to the checkpoint.
func (v *outside) proven() error {
	for name, payload := range v.files {
		digits, ok := strings.CutSuffix(strings.TrimPrefix(name, "entries/"), ".entry")
		if !ok {
			continue
		}
		sequence, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || len(digits) != 12 {
			return errors.New("a strange name")
		}
		base := "entries/" + digits
		leaf := fmt.Sprintf(`{"leaf":1,"payload":"%s","sequence":%d}`, sha(payload), sequence)
		if string(v.files[base+".leaf"]) != leaf {
			return fmt.Errorf("%s: not its leaf", name)
		}
		head, ok := bytes.CutSuffix(v.files[base+".tlog-proof"], append([]byte("\n"), v.files["checkpoint"]...))
		lines := strings.Split(strings.TrimSuffix(string(head), "\n"), "\n")
		if !ok || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", sequence-1) {
			return fmt.Errorf("%s: another proof", name)
		}
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			h, err := base64.StdEncoding.Strict().DecodeString(line)
			if err != nil || len(h) != sha256.Size {
				return fmt.Errorf("%s: no hash", name)
			}
			proof = append(proof, tlog.Hash(h))
		}
		if err := tlog.CheckRecord(proof, v.tree.N, v.tree.Hash, sequence-1, tlog.RecordHash([]byte(leaf))); err != nil {
			return err
		}
		v.entries = append(v.entries, outsideEntry{sequence: sequence, bytes: payload, hash: sha(payload)})
	}
	slices.SortFunc(v.entries, func(a, b outsideEntry) int { return int(a.sequence - b.sequence) })
	return nil
}

// rules holds each programme to its name.
func (v *outside) rules() error {
	for name, b := range v.files {
		if digest, ok := strings.CutPrefix(name, "programmes/"); ok && strings.TrimPrefix(sha(b), "sha256:")+".yaml" != digest {
			return fmt.Errorf("%s: another digest", name)
		}
	}
	return nil
}

// read decodes the entries.
func (v *outside) read() error {
	ids := map[string]bool{}
	for i := range v.entries {
		e := &v.entries[i]
		if err := json.Unmarshal(e.bytes, e); err != nil {
			return err
		}
		if ids[e.ID] || e.Source != v.entries[0].Source || i > 0 && e.RecordedTime.Before(v.entries[i-1].RecordedTime) {
			return fmt.Errorf("entry %d: an id twice, another ledger, or back in time", e.sequence)
		}
		ids[e.ID] = true
		if e.Type != "certledger.decision.recorded.v1" {
			continue
		}
		if ids["decision "+e.Data.Decision] {
			return fmt.Errorf("entry %d: a decision twice", e.sequence)
		}
		ids["decision "+e.Data.Decision] = true
	}
	return nil
}

// beginnings are the entries that subjects begin with, by kind.
var beginnings = map[string]string{
	"registration": "certledger.registration.submitted.v1", "cohort": "certledger.cohort.opened.v1",
	"attester": "certledger.attester.registered.v1", "system": "certledger.ledger.created.v1",
}

// chained follows each subject.
func (v *outside) chained() error {
	for _, e := range v.entries {
		before := v.of[e.Subject]
		previous := ""
		if n := len(before); n > 0 {
			previous = before[n-1].hash
		}
		if e.Version != len(before)+1 || e.Previous != previous {
			return fmt.Errorf("entry %d: a hole", e.sequence)
		}
		kind, _, _ := strings.Cut(e.Subject, "/")
		if first := beginnings[kind]; first != "" && (e.Type == first) != (len(before) == 0) {
			return fmt.Errorf("entry %d: another beginning", e.sequence)
		}
		v.of[e.Subject] = append(before, e)
	}
	return nil
}

// whole compares with heads, and with what a dossier of a decision holds.
func (v *outside) whole() error {
	var about struct {
		Decisions []struct {
			Registration string
			Sequence     int64
		}
	}
	if err := json.Unmarshal(v.files["dossier.json"], &about); err != nil || len(about.Decisions) != 1 {
		return errors.New("not about one decision")
	}
	need := map[string]int{"registration/" + about.Decisions[0].Registration: len(v.of["registration/"+about.Decisions[0].Registration])}
	i := slices.IndexFunc(v.entries, func(e outsideEntry) bool { return e.sequence == about.Decisions[0].Sequence })
	if i < 0 {
		return errors.New("the decision is missing")
	}
	for _, r := range v.entries[i].Data.Reads {
		need[r.Subject] = r.Version
	}
	for subject := range need {
		for _, e := range v.of[subject] {
			if e.Type != "certledger.registration.submitted.v1" {
				continue
			}
			of := "programme/" + e.Data.Programme
			at := slices.IndexFunc(v.of[of], func(p outsideEntry) bool { return p.Data.Digest == e.Data.Digest })
			need[of] = max(need[of], at+1)
			if at < 0 || string(v.files["programmes/"+strings.TrimPrefix(e.Data.Digest, "sha256:")+".yaml"]) != v.of[of][at].Data.Rules {
				return errors.New("rules that were not published")
			}
		}
	}
	if len(need) != len(v.of) || len(need) != len(v.heads) {
		return errors.New("other subjects")
	}
	for subject, n := range need {
		last := v.of[subject][len(v.of[subject])-1]
		is := [3]string{strconv.Itoa(last.Version), strconv.FormatInt(last.sequence, 10), last.hash}
		own := subject == "registration/"+about.Decisions[0].Registration
		stated, err := strconv.Atoi(v.heads[subject][0])
		if err != nil || len(v.of[subject]) != n || last.Version > stated || (own || last.Version == stated) && v.heads[subject] != is {
			return fmt.Errorf("%s: not as far as it should be", subject)
		}
	}
	return nil
}

// looked holds what entries looked at to what is there.
func (v *outside) looked() error {
	for _, e := range v.entries {
		seen := map[string]bool{e.Subject: true}
		for _, r := range e.Data.Reads {
			if seen[r.Subject] {
				return fmt.Errorf("entry %d: a second look", e.sequence)
			}
			seen[r.Subject] = true
			if r.Sequence >= e.sequence || r.Version < 1 {
				return fmt.Errorf("entry %d: a look ahead", e.sequence)
			}
			if there := v.of[r.Subject]; r.Version <= len(there) && (there[r.Version-1].hash != r.Hash || there[r.Version-1].sequence != r.Sequence) {
				return fmt.Errorf("entry %d: it looked at something else", e.sequence)
			}
		}
	}
	return nil
}

// said makes dossier.json and the record again.
func (v *outside) said() error {
	var stated struct {
		Decisions []map[string]any `json:"decisions"`
		Form      int              `json:"form"`
		Kind      string           `json:"kind"`
		Ledger    string           `json:"ledger"`
		Subjects  []map[string]any `json:"subjects"`
	}
	if err := json.Unmarshal(v.files["dossier.json"], &stated); err != nil {
		return err
	}
	stated.Form, stated.Kind, stated.Subjects = 1, "decision", nil
	stated.Ledger = strings.TrimPrefix(v.entries[0].Source, "urn:certledger:")
	for _, subject := range slices.Sorted(mapsKeys(v.of)) {
		last := v.of[subject][len(v.of[subject])-1]
		stated.Subjects = append(stated.Subjects, map[string]any{"subject": subject, "version": last.Version, "sequence": last.sequence, "hash": last.hash})
	}
	sequence := int64(stated.Decisions[0]["sequence"].(float64))
	e := v.entries[slices.IndexFunc(v.entries, func(e outsideEntry) bool { return e.sequence == sequence })]
	stated.Decisions = []map[string]any{{"decision": e.Data.Decision, "registration": strings.TrimPrefix(e.Subject, "registration/"), "sequence": sequence}}
	again, err := json.Marshal(stated)
	if err != nil || !bytes.Equal(again, v.files["dossier.json"]) {
		return errors.New("dossier.json is not what is there")
	}
	record, err := sortedJSON(e.Data.Record)
	if err != nil || !bytes.Equal(record, v.files["decisions/"+e.Data.Decision+".json"]) {
		return errors.New("the record is not the entry's")
	}
	var whole map[string]any
	if err := json.Unmarshal(record, &whole); err != nil {
		return err
	}
	digest := whole["digest"]
	whole["digest"] = ""
	bare, err := json.Marshal(whole)
	if err == nil {
		bare, err = sortedJSON(bare)
	}
	if err != nil || digest != sha(bare) {
		return errors.New("the record's digest is another")
	}
	n := 4 + 3*len(v.entries) + 1
	for name := range v.files {
		if strings.HasPrefix(name, "programmes/") {
			n++
		}
	}
	if len(v.files) != n {
		return errors.New("there are other files")
	}
	return nil
}

// sortedJSON is RFC 8785 for texts whose keys are ASCII and whose numbers are
// whole, as records are.
func sortedJSON(b []byte) ([]byte, error) {
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber()
	var x any
	if err := in.Decode(&x); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(x)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

func mapsKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// twoPeople holds each act that carries out a proposal to it, and those that
// always do to having one.
func (v *outside) twoPeople() error {
	closed := map[string]bool{}
	for _, e := range v.entries {
		p := e.Data.Proposed
		always := e.Type == "certledger.programme.published.v1" || e.Type == "certledger.waiver.granted.v1" ||
			e.Type == "certledger.decision.recorded.v1" && e.Data.Act == "revoke"
		if e.Type == "certledger.proposal.declined.v1" {
			closed[e.Subject+" "+e.Data.Proposal] = true
		}
		if p == nil {
			if always {
				return fmt.Errorf("entry %d: one person", e.sequence)
			}
			continue
		}
		i := slices.IndexFunc(v.of[e.Subject], func(x outsideEntry) bool { return x.sequence == p.Sequence && x.hash == p.Hash })
		if i < 0 || closed[e.Subject+" "+p.Proposal] {
			return fmt.Errorf("entry %d: no open proposal", e.sequence)
		}
		x := v.of[e.Subject][i]
		until, err := time.Parse(time.RFC3339, fmt.Sprint(x.Data.Until))
		if err != nil || x.Type != "certledger.proposal.made.v1" || x.Data.Proposal != p.Proposal || "certledger."+x.Data.Act != e.Type ||
			x.Actor != p.By || x.Actor == e.Actor || e.Time.After(until) {
			return fmt.Errorf("entry %d: another proposal", e.sequence)
		}
		var whole struct{ Data json.RawMessage }
		if err := json.Unmarshal(e.bytes, &whole); err != nil {
			return err
		}
		did, err := act(whole.Data)
		proposed, err2 := act(x.Data.What)
		if err != nil || err2 != nil || did != proposed && e.Type != "certledger.decision.recorded.v1" {
			return fmt.Errorf("entry %d: not what was proposed", e.sequence)
		}
		closed[e.Subject+" "+p.Proposal] = true
	}
	return nil
}

// The page is enough to verify what certverify verifies, but for the rules.
func TestVerifyingIsEnoughToWriteAVerifier(t *testing.T) {
	files := map[string][]byte{}
	z, err := zip.OpenReader(filepath.Join(goldenDossier, "d1.zip"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, z.Close()) })
	for _, x := range z.File {
		in, err := x.Open()
		require.NoError(t, err)
		files[x.Name], err = io.ReadAll(in)
		require.NoError(t, err)
	}
	key, err := os.ReadFile(filepath.Join(goldenDossier, "log.vkey"))
	require.NoError(t, err)
	vkey := strings.TrimSpace(string(key))
	require.NoError(t, outsideVerify(files, vkey))

	for name, b := range files {
		if name == "README.txt" {
			continue // no evidence; only its words could be changed
		}
		for _, at := range []int{0, len(b) / 3, len(b) / 2, len(b) - 2, len(b) - 1} {
			b[at] ^= 1
			require.Error(t, outsideVerify(files, vkey), "%s, byte %d", name, at)
			b[at] ^= 1
		}
		without := map[string][]byte{}
		for other, x := range files {
			if other != name {
				without[other] = x
			}
		}
		require.Error(t, outsideVerify(without, vkey), "without %s", name)
	}
	other := vkey[:len(vkey)-4] + hex.EncodeToString([]byte{0, 0})
	require.Error(t, outsideVerify(files, other))
}

// The zip is what the page says, header by header.
func TestVerifyingSaysHowTheZipIsWritten(t *testing.T) {
	z, err := zip.OpenReader(filepath.Join(goldenDossier, "d1.zip"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, z.Close()) })
	before := ""
	for _, x := range z.File {
		require.Less(t, before, x.Name)
		before = x.Name
		require.Equal(t, []uint16{20, 20, 0, zip.Store}, []uint16{x.CreatorVersion, x.ReaderVersion, x.Flags, x.Method}, x.Name)
		require.Equal(t, time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), x.Modified.UTC())
		require.Empty(t, x.Extra)
		require.Empty(t, x.Comment)
		require.Zero(t, x.ExternalAttrs)
	}
	require.Empty(t, z.Comment)
}
