package domain

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// An office knows its own past: every state is folded again from the entries.
var _ Past = (*office)(nil)

func (o *office) of(s Subject, version uint64) []Entry {
	var out []Entry
	for _, e := range o.entries {
		if e.Subject == s && e.Version <= version {
			out = append(out, e)
		}
	}
	return out
}

func (o *office) Registration(id string, version uint64) (*Standing, []Entry, error) {
	s, entries := &Standing{}, o.of(SubjectOf(KindRegistration, id), version)
	for _, e := range entries {
		s.Apply(e)
	}
	return s, entries, nil
}

func (o *office) Cohort(id string, version uint64) (*Cohort, error) {
	c := &Cohort{}
	for _, e := range o.of(SubjectOf(KindCohort, id), version) {
		c.Apply(e)
	}
	return c, nil
}

func (o *office) Attester(id string, version uint64) (*Attester, error) {
	a := &Attester{}
	for _, e := range o.of(SubjectOf(KindAttester, id), version) {
		a.Apply(e)
	}
	return a, nil
}

func (o *office) Programme(digest string) (*programme.Programme, error) { return o.rules[digest], nil }

// rederive derives the latest entry anew where it is a decision: so every
// decision of every story is.
func (o *office) rederive() {
	if len(o.entries) == 0 {
		return
	}
	e, payload := o.entries[len(o.entries)-1], o.payloads[len(o.payloads)-1]
	d, ok := e.Event.(*DecisionRecorded)
	if !ok {
		return
	}
	f, err := FactsOfCut(d.Record, o)
	require.NoError(o.t, err)
	require.NoError(o.t, Rederive(e, payload, f), "%s %s", d.Act, d.Decision)
}

// granted is an office in which one decision was taken, its entry and bytes.
func granted(t *testing.T) (*office, Entry, []byte) {
	o := trained(t, "2")
	judged := o.judge("level-1")
	judged.Consensus = true
	o.must(judged)
	o.must(Grant{Act: o.certifier(), Registration: "r1", Level: "level-1"})
	return o, o.entries[len(o.entries)-1], o.payloads[len(o.payloads)-1]
}

// changed is the entry with its event's data changed.
func changed(t *testing.T, payload []byte, change func(data map[string]any)) (Entry, []byte) {
	var env Envelope
	require.NoError(t, json.Unmarshal(payload, &env))
	tree, err := readTree(env.Data)
	require.NoError(t, err)
	data := tree.(map[string]any)
	change(data)
	env.Data, err = encodeJSON(data)
	require.NoError(t, err)
	payload, err = encodeJSON(env)
	require.NoError(t, err)
	e, err := Decode(99, payload)
	require.NoError(t, err)
	return e, payload
}

func TestRederiveNamesTheFirstDifference(t *testing.T) {
	o, e, payload := granted(t)
	f, err := FactsOfCut(e.Event.(*DecisionRecorded).Record, o)
	require.NoError(t, err)
	require.NoError(t, Rederive(e, payload, f))

	record := func(data map[string]any) map[string]any { return data["record"].(map[string]any) }
	for path, change := range map[string]func(map[string]any){
		"record/trace/0/verdict":  func(d map[string]any) { record(d)["trace"].([]any)[0].(map[string]any)["verdict"] = "not-applicable" },
		"record/awards/0/earned":  func(d map[string]any) { record(d)["awards"].([]any)[0].(map[string]any)["earned"] = "certified" },
		"record/evidence/2/role":  func(d map[string]any) { record(d)["evidence"].([]any)[2].(map[string]any)["role"] = "ignored" },
		"record/digest":           func(d map[string]any) { record(d)["digest"] = "sha256:" + strings.Repeat("0", 64) },
		"record/decided/conflict": func(d map[string]any) { delete(record(d)["decided"].(map[string]any), "conflict") },
		"from":                    func(d map[string]any) { d["from"] = "2020-01-01" },
		"reads":                   func(d map[string]any) { delete(d, "reads") },
		"supersedes":              func(d map[string]any) { d["supersedes"] = "d-0" },

		// Null is no other word for nothing.
		"denied":                    func(d map[string]any) { d["denied"] = nil },
		"record/previous":           func(d map[string]any) { record(d)["previous"] = nil },
		"record/decided/levels":     func(d map[string]any) { record(d)["decided"].(map[string]any)["levels"] = nil },
		"record/decided/conflict/0": func(d map[string]any) { record(d)["decided"].(map[string]any)["conflict"] = []any{nil} },
		"record/evidence/1/why":     func(d map[string]any) { record(d)["evidence"].([]any)[1].(map[string]any)["why"] = nil },
		"record/awards/1":           func(d map[string]any) { record(d)["awards"] = append(record(d)["awards"].([]any), nil) },
	} {
		e, payload := changed(t, payload, change)
		var d *Difference
		require.ErrorAs(t, Rederive(e, payload, f), &d, path)
		require.Equal(t, path, d.Path)
		require.NotEqual(t, d.Recorded, d.Derived)
	}
}

func TestADifferenceTellsNullFromNothing(t *testing.T) {
	o, e, payload := granted(t)
	f, err := FactsOfCut(e.Event.(*DecisionRecorded).Record, o)
	require.NoError(t, err)
	e, payload = changed(t, payload, func(d map[string]any) { d["denied"] = nil })
	require.EqualError(t, Rederive(e, payload, f), "denied: recorded is null, derived is nothing")
}

func TestRederiveRefusesWhatWasNotEarned(t *testing.T) {
	o, _, payload := granted(t)
	e, payload := changed(t, payload, func(d map[string]any) { d["level"] = "certified" })
	f, err := FactsOfCut(e.Event.(*DecisionRecorded).Record, o)
	require.NoError(t, err)
	var refusal *Refusal
	require.ErrorAs(t, Rederive(e, payload, f), &refusal)

	e, payload = changed(t, payload, func(d map[string]any) {
		d["act"], d["levels"] = ActRevoke, []any{"level-1"}
	})
	require.ErrorAs(t, Rederive(e, payload, f), &refusal)
	require.Equal(t, "needs-another-person", refusal.Reason)
}

func TestRederiveFailsClosed(t *testing.T) {
	o, _, payload := granted(t)
	for _, change := range []func(record map[string]any){
		func(r map[string]any) { r["form"] = json.Number("2") },
		func(r map[string]any) { r["engine"] = "certledger-review-2" },
	} {
		e, payload := changed(t, payload, func(d map[string]any) { change(d["record"].(map[string]any)) })
		require.ErrorIs(t, Rederive(e, payload, o.facts(Grant{Registration: "r1"})), ErrUnknownEngine)
	}
	e, payload := changed(t, payload, func(d map[string]any) { d["act"] = "bless" })
	require.ErrorIs(t, Rederive(e, payload, o.facts(Grant{Registration: "r1"})), ErrUnknownEngine)
	e, payload = changed(t, payload, func(d map[string]any) { delete(d, "record") })
	require.ErrorIs(t, Rederive(e, payload, Facts{}), ErrNoRecord)
	require.ErrorIs(t, Rederive(o.entries[0], o.payloads[0], Facts{}), ErrNoRecord)
}

func TestFactsOfCutHoldsTheRecordToWhatWasThere(t *testing.T) {
	o, e, _ := granted(t)
	for name, change := range map[string]func(*Record){
		"another version": func(r *Record) { r.Cut.Version-- },
		"another hash":    func(r *Record) { r.Cut.Hash = aHash },
		"cohort not read": func(r *Record) { r.Cut.Reads = r.Cut.Reads[1:] },
		"attester not read": func(r *Record) {
			r.Cut.Reads = r.Cut.Reads[:len(r.Cut.Reads)-1]
		},
		"attester twice": func(r *Record) { r.Cut.Reads = append(r.Cut.Reads, r.Cut.Reads[len(r.Cut.Reads)-1]) },
		"cohort twice":   func(r *Record) { r.Cut.Reads = append(r.Cut.Reads, r.Cut.Reads[0]) },
		"cohort of then": func(r *Record) { r.Cut.Reads[0].Version-- },
		"a stranger":     func(r *Record) { r.Cut.Reads[0].Subject = "person/" + ida },
	} {
		r := *e.Event.(*DecisionRecorded).Record
		r.Cut.Reads = append([]Read{}, r.Cut.Reads...)
		change(&r)
		_, err := FactsOfCut(&r, o)
		require.ErrorIs(t, err, ErrCut, name)
	}
}

// Two readings of RFC 8785 by two hands give one digest.
func TestRecordDigestIsOfTheCanonicalForm(t *testing.T) {
	_, e, _ := granted(t)
	r := *e.Event.(*DecisionRecorded).Record
	require.True(t, VerifyRecordDigest(&r))
	r.Decided.Person = "ünï\u2028çødé \"and\" more"
	digest := r.digest()
	require.NotEqual(t, r.Digest, digest)
	r.Digest = ""
	b, err := encodeJSON(r)
	require.NoError(t, err)
	canonical, err := jcs.Transform(b)
	require.NoError(t, err)
	require.Equal(t, HashOf(canonical), digest)
}
