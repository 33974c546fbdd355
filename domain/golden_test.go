package domain

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var writeGolden = flag.Bool("write-golden", false, "write golden files that do not exist yet; those that do are never touched")

// A golden file holds two stored entries of one event type, one a line: with
// every field set, and with as few as the type has. They pin the stored form
// for ever: what does not reproduce them needs a new version of the type.
const goldenDir = "testdata/golden"

// TestEarlierGolden: a type may gain members that are left out where they say
// nothing. What was stored before is read, and written again, as it was.
func TestEarlierGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden-earlier/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		for line := range bytes.Lines(got) {
			line = bytes.TrimSuffix(line, []byte("\n"))
			e, err := Decode(7, line)
			require.NoError(t, err, path)
			again, err := Encode(e.Event, headerOf(t, e, line))
			require.NoError(t, err)
			require.Equal(t, string(line), string(again), "%s: nothing is added or lost", path)
		}
	}
}

func TestGolden(t *testing.T) {
	types := EventTypes()
	for _, name := range types {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(goldenDir, name+".json")
			want := append(append(goldenEntry(t, name, true), '\n'), append(goldenEntry(t, name, false), '\n')...)
			got, err := os.ReadFile(path)
			if os.IsNotExist(err) && *writeGolden {
				require.NoError(t, os.MkdirAll(goldenDir, 0o755))
				require.NoError(t, os.WriteFile(path, want, 0o644))
				got, err = want, nil
			}
			require.NoError(t, err, "every event type is pinned by a golden file; write a new one with -write-golden")
			require.Equal(t, string(want), string(got))

			lines := bytes.Split(bytes.TrimSuffix(got, []byte("\n")), []byte("\n"))
			require.Len(t, lines, 2)
			for _, line := range lines {
				e, err := Decode(7, line)
				require.NoError(t, err)
				require.Equal(t, HashOf(line), e.Hash)
				again, err := Encode(e.Event, headerOf(t, e, line))
				require.NoError(t, err)
				require.Equal(t, string(line), string(again), "decoding loses nothing")
				require.Equal(t, strings.Count(string(line), "CANARY"), 0)
			}
		})
	}
	files, err := os.ReadDir(goldenDir)
	require.NoError(t, err)
	var pinned []string
	for _, f := range files {
		pinned = append(pinned, strings.TrimSuffix(f.Name(), ".json"))
	}
	slices.Sort(pinned)
	require.Equal(t, types, pinned, "a stored type is never given up: old entries must stay readable")
}

// TestGoldenFold folds every golden entry into a state of its kind: no stored
// entry may stop a projection.
func TestGoldenFold(t *testing.T) {
	for _, name := range EventTypes() {
		b, err := os.ReadFile(filepath.Join(goldenDir, name+".json"))
		require.NoError(t, err)
		for line := range bytes.Lines(b) {
			e, err := Decode(7, bytes.TrimSpace(line))
			require.NoError(t, err)
			require.NotPanics(t, func() {
				switch e.Subject.Kind() {
				case KindRegistration:
					new(Standing).Apply(e)
				case KindCohort:
					new(Cohort).Apply(e)
				case KindProgramme:
					new(ProgrammeLine).Apply(e)
				case KindAttester:
					new(Attester).Apply(e)
				case KindPerson:
					new(Person).Apply(e)
				case KindSystem:
					new(System).Apply(e)
				case KindAccess:
					new(Access).Apply(e)
				}
			}, name)
		}
	}
}

func goldenHeader(name string, full bool) Header {
	kind := vocabulary[name].kinds[0]
	subject := SubjectOf(kind, "9d21f00c44de4f0ab3a1c7d2e5f60718")
	if kind == KindSystem {
		subject = SystemSubject
	}
	h := Header{
		Ledger: "5f0c7a52d1e94b6c8f3a2b1c0d9e8f70", Subject: subject,
		Time:     time.Date(2026, 6, 3, 14, 0, 0, 0, time.FixedZone("", -4*60*60)),
		Recorded: time.Date(2026, 6, 3, 18, 22, 7, 114_000_000, time.UTC),
		Version:  1, Nonce: "000102030405060708090a0b0c0d0e0f", Actor: "staff/jo", ActorRole: RoleRegistrar,
		CommandID: "hmac:" + strings.Repeat("ab", 32), CommandHash: "hmac:" + strings.Repeat("cd", 32),
	}
	if full {
		h.Version, h.Previous, h.Index = 23, "sha256:"+strings.Repeat("12", 32), 1
		h.CorrelationID, h.CausationID = "0199c2a0-0000-8000-8000-000000000001", "0199c2a0-0000-8000-8000-000000000002"
		h.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	}
	return h
}

func headerOf(t *testing.T, e Entry, payload []byte) Header {
	var env Envelope
	require.NoError(t, json.Unmarshal(payload, &env))
	h := Header{
		Ledger: strings.TrimPrefix(env.Source, "urn:certledger:"), Subject: e.Subject, Time: e.Time, Recorded: e.Recorded,
		Version: e.Version, Previous: e.Previous, Nonce: env.Nonce, Actor: e.Actor, ActorRole: e.ActorRole,
		CommandID: e.CommandID, CommandHash: e.CommandHash,
		CorrelationID: env.CorrelationID, CausationID: env.CausationID, TraceParent: env.TraceParent,
	}
	for h.Index = 0; EventID(h.CommandID, h.Index) != env.ID; h.Index++ {
		require.Less(t, h.Index, 10, "the id is derived from the command")
	}
	return h
}

func goldenEntry(t *testing.T, name string, full bool) []byte {
	e := vocabulary[name].make()
	require.Equal(t, name, e.Type())
	fillIn(t, reflect.ValueOf(e).Elem(), "", full)
	switch e := e.(type) {
	case *ProposalMade:
		e.Act, e.What = "waiver.granted.v1", goldenData(t, &WaiverGranted{Waiver: "w-1", Requirement: "missed-sessions", Session: "6a", Digest: goldenWords["digest"], Reason: ReasonOther})
	case *ReviewClosed:
		e.Word = ReviewStands
	case *AuditSampled:
		e.Population.Until, e.Population.Decisions, e.Different = 412, 37, 0
	case *AccessRecorded:
		e.What, e.ID, e.Purpose = ReadDecisionDossier, goldenWords["decisions"], PurposeAppeal
		if full {
			e.Values = []SealedValues{
				{Whose: Subject("person/" + goldenWords["person"]), Group: GroupNarrative, Count: 3},
				{Whose: Subject("person/" + goldenWords["person"]), Group: GroupPracticum, Count: 1},
			}
		}
	case *SigningKeyRotated:
		e.Old, e.New = aVerifierKey, anotherVerifierKey
	case *DecisionRecorded:
		if full {
			e.Record.Digest = e.Record.digest()
		}
	}
	b, err := Encode(e, goldenHeader(name, full))
	require.NoError(t, err)
	return b
}

func goldenData(t *testing.T, e Event) json.RawMessage {
	b, err := encodeData(e)
	require.NoError(t, err)
	return b
}

// goldenWords are plausible values, by the stored name of a field.
var goldenWords = map[string]string{
	"digest": "sha256:" + strings.Repeat("34", 32), "hash": "sha256:" + strings.Repeat("56", 32), "batch": "sha256:" + strings.Repeat("78", 32),
	"previous": "sha256:" + strings.Repeat("12", 32), "documents": "sha256:" + strings.Repeat("9a", 32),
	"actor": "staff/jo", "by": "staff/sam", "filedby": "person/0123456789abcdef0123456789abcdef", "signers": "attester/77ab", "for": "practicum-plan",
	"person": "0123456789abcdef0123456789abcdef", "programme": "peer-support", "cohort": "31c0", "thatsession": "6b", "session": "6a", "module": "6",
	"attester": "77ab", "role": RoleSupervisor, "roles": RoleCertifier, "filedrole": RoleParticipant, "attesterrole": RoleSupervisor, "relation": RelationNone,
	"status": Late, "source": SourceTrainer, "reason": "data-entry", "reasons": "late-information", "code": "spring-2026-evening", "mode": "in-person",
	"pinmode": "registration", "given": "first-name", "text": "expectations", "version": "2026-01", "kind": "hours", "category": "work/one-to-one", "unit": UnitMinute,
	"currency": "CAD", "outcome": "passed", "answer": "satisfactory", "question": "interval-evaluation", "rubric": "core", "item": "listening",
	"level": "level-1r", "levels": "certified", "award": "certification", "act": ActGrant, "clause": "staff-decision", "appeal": RoleAppealsPanel,
	"word": "declined", "what": AttesterPerson, "fields": "postal-code", "rules": "programme: peer-support\nversion: 2 # <&> é\n",
	"subject": "cohort/31c0", "engine": EngineVersion, "earned": "level-1r", "granted": "level-1", "path": "interval-reports/3", "test": "at-least",
	"verdict": string(Met), "type": "evidence.recorded.v1", "why": "import-outranked", "entry": "0199c2a0-0000-8000-8000-000000000003",
	"key": "k-1", "commitment": "c29tZXRoaW5n", "value": "c2VhbGVk", "warnings": WarnDecidedByTrainer, "cap": "level-1", "says": "The last interval's evaluation is satisfactory.",
	"do": "record", "of": "report", "noun": "classes", "id": "A15", "sentence": "Kindly said.", "kindly": "Kindly said.", "liftedby": "waiver", "raises": "late-reports",
	"owner": "staff/sam", "audit": "a-2026-1", "seed": "spring-2026", "decisions": "b0154b10680eb1e12d23c4a8bea162b5", "report": "sha256:" + strings.Repeat("bc", 32),
	"material": "workbook", "notice": "second-miss", "about": "missed-sessions", "channel": "mail", "how": "recording", "phase": "grace", "period": "2026", "track": "adult",
	"title": "module-6", "provider": "host-1", "fulfils": "t-1", "activity": "a-1", "from": "31c0", "to": "42d1", "ledger": "5f0c7a52d1e94b6c8f3a2b1c0d9e8f70",
}

var goldenNumbers = map[string]int64{
	"number": 3, "minutes": 95, "quantity": 600, "score": 42, "outof": 50, "version": 2, "programmeversion": 2, "form": 1, "sequence": 412, "supersedes": 398,
	"causes": 431,
}

// fillIn sets every field there is, or only those that are always there.
func fillIn(t *testing.T, v reflect.Value, name string, full bool) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 6, 3, 14, 0, 0, 0, time.FixedZone("", -4*60*60))))
		return
	case reflect.TypeFor[Date]():
		v.SetString(map[string]string{"from": "2026-06-01", "until": "2026-06-03"}[name])
		if v.String() == "" {
			v.SetString("2026-06-17")
		}
		return
	case reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{"waiver":"w-1"}`))
		return
	}
	switch v.Kind() {
	case reflect.String:
		word := goldenWords[name]
		if v.Type() == reflect.TypeFor[Actor]() && name == "for" {
			word = "staff/sam"
		}
		if word == "" {
			word = name + "-1"
		}
		v.SetString(word)
	case reflect.Int, reflect.Int64:
		v.SetInt(max(goldenNumbers[name], 1))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(max(goldenNumbers[name], 1)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(t, v.Elem(), name, full)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		switch name { // these hold themselves
		case "children":
			v.Index(0).Set(reflect.ValueOf(Result{Path: "recommended/at-once", Test: "judged", Verdict: Open}))
			return
		case "oneof":
			v.Index(0).Set(reflect.ValueOf(Option{Path: "recommended/at-once", Lack: Lack{LiftedBy: []string{"waiver"}}}))
			return
		}
		fillIn(t, v.Index(0), name, full)
	case reflect.Map:
		require.Equal(t, reflect.TypeFor[map[Group]Sealed](), v.Type())
		v.Set(reflect.MakeMap(v.Type()))
		for _, g := range []Group{GroupAccommodation, GroupNarrative} {
			sealed := reflect.New(v.Type().Elem()).Elem()
			fillIn(t, sealed, "", full)
			v.SetMapIndex(reflect.ValueOf(g), sealed)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			field, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			if field != "-" && (full || option == "") {
				fillIn(t, v.Field(i), field, full)
			}
		}
	default:
		require.Fail(t, "a golden example has no value for "+v.Type().String())
	}
}

// TestDecodeFailsClosed holds that nothing unknown is read, and that no error
// repeats what stood there.
func TestDecodeFailsClosed(t *testing.T) {
	good := string(goldenEntry(t, "evidence.recorded.v1", true))
	_, err := Decode(7, []byte(good))
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"unknown envelope field": {`"specversion"`, `"CANARY":"CANARY","specversion"`},
		"unknown data field":     {`"evidence":`, `"CANARY":"CANARY","evidence":`},
		"doubled data field":     {`"evidence":`, `"evidence":"CANARY","evidence":`},
		"field in capitals":      {`"evidence":`, `"Evidence":`},
		"unknown type":           {`certledger.evidence.recorded.v1`, `certledger.evidence.recorded.v2`},
		"no type of ours":        {`certledger.evidence.recorded.v1`, `CANARY.evidence.recorded.v1`},
		"other specversion":      {`"specversion":"1.0"`, `"specversion":"1.1"`},
		"wrong kind of subject":  {`"subject":"registration/`, `"subject":"cohort/`},
		"no subject":             {`"subject":"registration/`, `"subject":"CANARY/`},
		"word for a number":      {`"quantity":600`, `"quantity":"CANARY"`},
		"fraction":               {`"quantity":600`, `"quantity":600.5`},
		"time without offset":    {`14:00:00-04:00"`, `14:00:00"`},
		"recorded with offset":   {`.114Z`, `.114+00:00`},
		"cut short":              {`"datacontenttype"`, `"datacontenttype`},
		"not JSON":               {good, "CANARY"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, change[0], change[1], 1)
			require.NotEqual(t, good, bad)
			_, err := Decode(7, []byte(bad))
			require.Error(t, err)
			require.NotContains(t, strings.ReplaceAll(err.Error(), "/CANARY", ""), "CANARY")
			require.Contains(t, err.Error(), "entry 7")
		})
	}
}

// TestEncodeWantsSealing holds that nothing personal is stored in the clear.
func TestEncodeWantsSealing(t *testing.T) {
	e := &RegistrationWithdrawn{}
	e.personal(GroupNarrative, "reason", "CANARY")
	_, err := Encode(e, goldenHeader("registration.withdrawn.v1", false))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "CANARY")
	e.Personal = nil
	_, err = Encode(e, goldenHeader("registration.withdrawn.v1", false))
	require.NoError(t, err)
}

// TestDecodeReadsBothForms holds that an entry reads the same whether its
// envelope stands as Encode writes it or is spaced.
func TestDecodeReadsBothForms(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		stored, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, line := range bytes.Split(bytes.TrimSpace(stored), []byte("\n")) {
			_, ok := asEncoded(line)
			require.True(t, ok, "%s is not read as it is encoded", name)
			spaced := append([]byte("{ "), line[1:]...)
			_, ok = asEncoded(spaced)
			require.False(t, ok)
			want, err := Decode(7, line)
			require.NoError(t, err)
			got, err := Decode(7, spaced)
			require.NoError(t, err)
			got.Hash = want.Hash
			require.Equal(t, want, got)
			_, err = Decode(7, append(bytes.TrimSuffix(line, []byte("}")), []byte(`,"more":1}`)...))
			require.Error(t, err)
		}
	}
}
