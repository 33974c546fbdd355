package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// forged is a ledger in which an entry was changed before anything was signed: by
// whoever keeps it, with the log's key in hand. Every signature and proof of its
// dossiers holds. The entries after the one changed follow it.
func (l *ledger) forged(sequence uint64, change func(envelope, data map[string]any)) *ledger {
	return l.relinked(sequence, changed(l.t, l.stored[sequence-1], change))
}

func (l *ledger) relinked(sequence uint64, with []byte) *ledger {
	out := &ledger{t: l.t, id: l.id, now: l.now, of: map[domain.Subject][]int{}}
	for i, payload := range l.stored {
		e := l.entries[i]
		if e.Sequence == sequence {
			payload = with
		} else if was := e.Previous; was != "" {
			payload = []byte(strings.Replace(string(payload), was, out.head(e.Subject).Hash, 1))
		}
		out.keep(payload)
	}
	return out
}

// changed is an entry with something else in it.
func changed(t require.TestingT, payload []byte, change func(envelope, data map[string]any)) []byte {
	var envelope map[string]any
	require.NoError(t, json.Unmarshal(payload, &envelope))
	change(envelope, envelope["data"].(map[string]any))
	b, err := json.Marshal(envelope)
	require.NoError(t, err)
	return b
}

// in is an object within another.
func in(x map[string]any, path ...any) map[string]any {
	var v any = x
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v.(map[string]any)
}

// The entries of tiny.
const (
	tinyPublished = 3
	tinyScheduled = 7
	tinySubmitted = 8
	tinyMarked    = 9
	tinyDecided   = 11
)

func TestAForgedLedgerIsFound(t *testing.T) {
	d := newDossiers(t)
	for name, x := range map[string]struct {
		sequence uint64
		change   func(envelope, data map[string]any)
		code     Code
		where    string
	}{
		"an entry of another ledger": {tinyMarked, func(e, _ map[string]any) { e["source"] = "urn:certledger:l2" }, CodeForeign, entryFile(tinyMarked, entryEnd)},
		"an entry of no ledger":      {tinyMarked, func(e, _ map[string]any) { e["source"] = "urn:certledger:" }, CodeForeign, entryFile(tinyMarked, entryEnd)},
		"an identifier twice": {tinyMarked, func(e, _ map[string]any) {
			e["id"] = tiny(t).entries[tinySubmitted-1].ID
		}, CodeTwice, entryFile(tinyMarked, entryEnd)},
		"recorded before the one before": {tinyMarked, func(e, _ map[string]any) { e["recordedtime"] = "2026-01-04T00:00:00.000Z" }, CodeTime, entryFile(tinyMarked, entryEnd)},
		"a hole":                         {tinyMarked, func(e, _ map[string]any) { e["version"] = 3 }, CodeChain, "entry 9"},
		"a version twice":                {tinyMarked, func(e, _ map[string]any) { e["version"] = 1 }, CodeChain, "entry 9"},
		"another entry before it":        {tinyMarked, func(e, _ map[string]any) { e["previous"] = domain.HashOf(nil) }, CodeChain, "entry 9"},
		"rules published by one person":  {tinyPublished, func(_, data map[string]any) { delete(data, "proposed") }, CodeOnePerson, entryFile(tinyPublished, entryEnd)},
		"rules published by their author": {tinyPublished, func(e, _ map[string]any) {
			e["actor"] = "staff/ann"
		}, CodeOnePerson, entryFile(tinyPublished, entryEnd)},
		"rules published too late": {tinyPublished, func(e, _ map[string]any) {
			e["time"] = "2026-12-01T00:00:00Z"
		}, CodeOnePerson, entryFile(tinyPublished, entryEnd)},
		"other rules under the name": {tinyPublished, func(_, data map[string]any) {
			data["programme"] = "other"
		}, CodeProposal, entryFile(tinyPublished, entryEnd)},
		"another version of the rules": {tinySubmitted, func(_, data map[string]any) {
			data["programmeversion"] = 2
		}, CodeProgramme, entryFile(tinySubmitted, entryEnd)},
		"a read of what is not there": {tinyMarked, func(_, data map[string]any) {
			in(data, "reads", 0)["hash"] = domain.HashOf(nil)
		}, CodeReads, entryFile(tinyMarked, entryEnd)},
		"a read of what came later": {tinyMarked, func(_, data map[string]any) {
			in(data, "reads", 0)["sequence"] = tinyDecided
		}, CodeReads, entryFile(tinyMarked, entryEnd)},
		"what the decision rested on is another": {tinyMarked, func(_, data map[string]any) { data["status"] = "absent" }, CodeCut, recordFile("d")},
		"a verdict": {tinyDecided, func(_, data map[string]any) {
			in(data, "record", "trace", 0)["verdict"] = "not-met"
		}, CodeDifferent, recordFile("d")},
		"the digest of the record": {tinyDecided, func(_, data map[string]any) { in(data, "record")["digest"] = domain.HashOf(nil) }, CodeDifferent, recordFile("d")},
		"a level":                  {tinyDecided, func(_, data map[string]any) { data["level"] = "low" }, CodeRefused, recordFile("d")},
		"another engine":           {tinyDecided, func(_, data map[string]any) { in(data, "record")["engine"] = "certledger-review-2" }, CodeUnknown, recordFile("d")},
		"another form of record":   {tinyDecided, func(_, data map[string]any) { in(data, "record")["form"] = 2 }, CodeUnknown, recordFile("d")},
		"another registration":     {tinyDecided, func(_, data map[string]any) { in(data, "record", "decided")["registration"] = "x" }, CodeCut, recordFile("d")},
		"less than was there":      {tinyDecided, func(_, data map[string]any) { in(data, "record", "cut")["version"] = 2 }, CodeCut, recordFile("d")},
		"more than was there":      {tinyDecided, func(_, data map[string]any) { in(data, "record", "cut")["version"] = 9 }, CodeCut, recordFile("d")},
		"another hash of the cut":  {tinyDecided, func(_, data map[string]any) { in(data, "record", "cut")["hash"] = domain.HashOf(nil) }, CodeCut, recordFile("d")},
		"other rules of the record": {tinyDecided, func(_, data map[string]any) {
			in(data, "record", "programme")["digest"] = domain.HashOf(nil)
		}, CodeDifferent, recordFile("d")},
	} {
		t.Run(name, func(t *testing.T) {
			d.fails(d.of(tiny(t).forged(x.sequence, x.change), "r", "d"), x.code, x.where)
		})
	}
}

// What BuildDossier would not pack is put in by hand, with everything signed.
func (d dossiers) repacked(l *ledger, files Files, sequence uint64, payload []byte) Files {
	d.t.Helper()
	var tree Tree
	for i, p := range l.stored {
		if uint64(i+1) == sequence {
			p = payload
		}
		tree.Append(LeafHash(uint64(i+1), sha256.Sum256(p)))
	}
	root, err := tree.Root(tree.Size())
	require.NoError(d.t, err)
	at := Checkpoint{Origin: dossierOrigin, Size: tree.Size(), Root: root}
	checkpoint, err := Sign(at, d.signer)
	require.NoError(d.t, err)
	b, _ := files.named(dossierHeads)
	heads, err := d.policy.OpenHeads(b)
	require.NoError(d.t, err)
	heads.Checkpoint = at
	signed, err := SignHeads(heads, d.signer)
	require.NoError(d.t, err)
	out := files.with(dossierCheckpoint, checkpoint).with(dossierHeads, signed)
	for _, f := range files {
		kind, key := kindOf(f.Name)
		if kind != anEntry {
			continue
		}
		var n uint64
		_, err := fmt.Sscanf(key, "%d", &n)
		require.NoError(d.t, err)
		p := l.stored[n-1]
		if n == sequence {
			p = payload
		}
		inclusion, err := FormatInclusion(&tree, n, checkpoint)
		require.NoError(d.t, err)
		out = out.with(entryFile(n, entryEnd), p).with(entryFile(n, leafFileEnd), leafOf(n, p)).with(entryFile(n, inclusionEnd), inclusion)
	}
	return out
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	files := d.of(l, "r", "d")
	_, err := VerifyDossier(d.repacked(l, files, 0, nil), d.policy)
	require.NoError(t, err, "nothing is changed")

	change := func(f func(envelope, data map[string]any)) []byte { return changed(t, l.stored[tinyMarked-1], f) }
	for name, x := range map[string]struct {
		payload []byte
		code    Code
	}{
		"a type":     {change(func(e, _ map[string]any) { e["type"] = "certledger.attendance.marked.v2" }), CodeUnknown},
		"a spec":     {change(func(e, _ map[string]any) { e["specversion"] = "2.0" }), CodeUnknown},
		"a field":    {change(func(_, data map[string]any) { data["more"] = 1 }), CodeEntry},
		"a subject":  {change(func(e, _ map[string]any) { e["subject"] = "registration/../r" }), CodeEntry},
		"no JSON":    {[]byte("{"), CodeEntry},
		"nothing":    {nil, CodeEntry},
		"a megabyte": {make([]byte, EntryMax+1), CodeTooLarge},
	} {
		_, err := VerifyDossier(d.repacked(l, files, tinyMarked, x.payload), d.policy)
		var failure *Failure
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, x.code, failure.Code, name)
		require.Equal(t, entryFile(tinyMarked, entryEnd), failure.Where, name)
	}

	statement, _ := files.named(dossierContents)
	for was, is := range map[string]string{
		`"form":1`:                     `"form":2`,
		`"kind":"decision"`:            `"kind":"cohort"`,
		`{"decisions":[{"decision":"d`: `{"decisions":[{"decision":"e`,
	} {
		changed := strings.Replace(string(statement), was, is, 1)
		require.NotEqual(t, string(statement), changed)
		code := CodeUnknown
		if strings.Contains(was, "decisions") {
			code = CodeContents
		}
		d.fails(files.with(dossierContents, []byte(changed)), code, dossierContents)
	}
	spaced := strings.Replace(string(statement), `"form":1`, `"form": 1`, 1)
	d.fails(files.with(dossierContents, []byte(spaced)), CodeContents, dossierContents)
}

// Acts of two people by one, written past the commands.
func TestActsOfOnePersonAreFound(t *testing.T) {
	waiver := &domain.WaiverGranted{Waiver: "w", Requirement: "missed-sessions", Session: "2", Reason: "other"}
	revoked := &domain.DecisionRecorded{Decision: "x", Act: domain.ActRevoke, Award: "certification"}
	for name, x := range map[string]struct {
		event domain.Event
		found bool
	}{
		"a waiver":                                    {waiver, true},
		"a revocation":                                {revoked, true},
		"a live equivalent after a decision":          {&domain.LiveEquivalentApproved{Session: "6", Cohort: "c1", ThatSession: "6"}, true},
		"a correction that raises a level":            {&domain.AttendanceCorrected{Session: "6", Status: domain.Present, Reason: "other"}, true},
		"a correction that raises none":               {&domain.AttendanceCorrected{Session: "7", Status: domain.Absent, Reason: "other"}, false},
		"a proposal carried out that nobody had made": {&domain.AttendanceCorrected{Session: "7", Status: domain.Absent, Reason: "other", Proposed: &domain.Proposed{Proposal: "p"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, l := newDossiers(t), school(t).on("2026-01-20").register("r0", ida, "c2")
			tia := domain.AttesterActor("tia")
			l.on("2026-02-20").attend("r0", tia, "6")
			l.must(domain.RecordJudgement{Act: l.act(tia, domain.RoleTrainer), Registration: "r0", Question: "evaluation", Answer: "level-1r", Consensus: true})
			l.must(domain.Grant{Act: l.certifier(), Registration: "r0", Decision: "d0", Level: "level-1"})
			if c, ok := x.event.(*domain.AttendanceCorrected); ok {
				for _, m := range stateOf[domain.Standing](l, domain.KindRegistration, "r0").Marks {
					if m.Session == c.Session {
						c.Supersedes = m.Made.Sequence
					}
				}
			}
			probe := domain.CorrectAttendance{Act: l.act(tia, domain.RoleTrainer), Registration: "r0", Session: "7", Status: domain.Absent, Reason: "x"}
			domain.CommonOf(x.event).Reads = l.facts(probe).Reads
			l.record(registration("r0"), l.staff(), 0, x.event)
			files := d.of(l, "r0", "d0")
			if x.found {
				d.fails(files, CodeOnePerson, entryFile(l.tree.Size(), entryEnd))
				return
			}
			_, err := VerifyDossier(files, d.policy)
			require.NoError(t, err)
		})
	}
}

// FuzzForgedEntry puts anything that decodes in the place of an entry, lets the
// others follow it, signs everything, and verifies: what the entry says may make
// no sense to the rules.
func FuzzForgedEntry(f *testing.F) {
	d, l := newDossiers(f), tiny(f)
	for _, e := range l.entries[1:] {
		f.Add(e.Sequence, l.stored[e.Sequence-1])
		f.Add(e.Sequence, changed(f, l.stored[e.Sequence-1], func(_, data map[string]any) { clear(data) }))
	}
	f.Fuzz(func(t *testing.T, sequence uint64, payload []byte) {
		if sequence < 2 || sequence > tinyDecided {
			return
		}
		if e, err := domain.Decode(sequence, payload); err != nil || e.Subject != l.entries[sequence-1].Subject {
			return
		}
		own := *l
		own.t = t
		forged := own.relinked(sequence, payload)
		files, err := BuildDossier(forged, About{"d", []string{"r"}}, forged.signed(0, d.signer), d.signer)
		if err == nil {
			_, err = VerifyDossier(files, d.policy)
		}
		if err != nil {
			require.NotContains(t, err.Error(), "[impossible]")
		}
		lines := forged.export()
		_, err = VerifyExport(t.Context(), Export{
			Lines: bytes.NewReader(lines), Size: int64(len(lines)), Checkpoint: forged.signed(0, d.signer), Policy: d.policy,
		})
		if err != nil {
			require.ErrorAs(t, err, new(*Failure))
		}
	})
}

// notJudged are the fields of tiny that may hold something else: what identifies,
// what nobody reads, and who did what no rule asks a role for. For the last three
// what is tried is what was there.
var notJudged = []string{
	"id", "nonce", "commandid", "commandhash", "datacontenttype", "actor", "actorrole",
	"data/reads/0/sequence", "data/record/cut/reads/0/sequence", "data/record/decided/conflict",
}

// Whoever keeps a ledger can write what they like into its entries. What cannot be
// is found, whatever field it is in; the rest is what people said.
func TestEveryFieldOfAnEntryCanBeForged(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	accepted := map[string]int{}
	for _, e := range l.entries[1:] {
		eachField(l.stored[e.Sequence-1], func(path string, payload []byte) {
			if decoded, err := domain.Decode(e.Sequence, payload); err != nil || decoded.Subject != e.Subject {
				return
			}
			forged := l.relinked(e.Sequence, payload)
			files, err := BuildDossier(forged, About{"d", []string{"r"}}, forged.signed(0, d.signer), d.signer)
			if err != nil {
				return
			}
			if _, err = VerifyDossier(files, d.policy); err == nil {
				accepted[path]++
				return
			}
			require.True(t, isNamed(err), "entry %d, %s: %v", e.Sequence, path, err)
		})
	}
	for path := range accepted {
		require.Contains(t, notJudged, path)
	}
}

// eachField gives an entry with one of its values left out, or another one, for
// each of its values.
func eachField(payload []byte, give func(path string, payload []byte)) {
	var whole map[string]any
	if err := json.Unmarshal(payload, &whole); err != nil {
		panic(err)
	}
	var walk func(path string, x any, set func(any))
	again := func(path string) {
		b, err := json.Marshal(whole)
		if err != nil {
			panic(err)
		}
		give(path, b)
	}
	walk = func(path string, x any, set func(any)) {
		for _, other := range []any{nil, "", "other", -1, 7, []any{}, map[string]any{}} {
			set(other)
			again(path)
		}
		set(x)
		switch x := x.(type) {
		case map[string]any:
			for k, v := range x {
				walk(path+"/"+k, v, func(v any) { x[k] = v })
				delete(x, k)
				again(path + "/" + k)
				x[k] = v
			}
		case []any:
			for i, v := range x[:min(len(x), 1)] {
				walk(path+"/0", v, func(v any) { x[i] = v })
			}
		}
	}
	for k, v := range whole {
		walk(k, v, func(v any) { whole[k] = v })
	}
}
