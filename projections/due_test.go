package projections

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// aCard is renewed every year and lapses after a grace of thirty days.
const aCard = `
programme: NAME
version: 1
title: A card
valid: {from: 2026-01-01}
pinned-by: registration
time-zone: ZONE
periods:
  term: {lasts: 1 year, first: granted card, next: late renewal}
awards:
  card:    {levels: [none, held], valid: {held: 1 year}}
  renewal: {levels: [owed, renewed], each: term, renews: card}
submissions:
  renewal-form: {answers: [returned, accepted], answered-by: staff, for: renewal, opens: 60 days before end of period, answer-within: 14 days}
requirements:
  sworn: {says: The oath is taken., has: oath, otherwise: none}
  asked: {for: renewal, says: The form is filed in time., submission: renewal-form, is: filed, otherwise: owed}
after:
  renewal:
    grace:  {until: 30 days after end of period, status: grace, may: [file]}
    lapsed: {status: lapsed, start-again: true}
statuses:
  grace:  {says: Papers may still be filed.}
  lapsed: {says: The title may not be used.}
`

// card is the card of a place.
func card(t *testing.T, name, zone string) *programme.Programme {
	t.Helper()
	p, err := programme.Parse([]byte(strings.NewReplacer("NAME", name, "ZONE", zone).Replace(aCard)))
	require.NoError(t, err)
	return p
}

func (h *history) holdCard(id string, p *programme.Programme) {
	h.holdCardBy(id, p, domain.PinByRegistration)
}

// holdCardBy is holdCard of somebody pinned in a mode.
func (h *history) holdCardBy(id string, p *programme.Programme, mode string) {
	h.add(registration(id), &domain.RegistrationSubmitted{
		Person: personID(len(h.entries)), Programme: p.ID, Version: p.Version, Digest: p.Digest, PinMode: mode,
		PinnedOn: domain.DateOf(h.now), Received: domain.DateOf(h.now),
	})
	h.give(id, "card", "", "held")
}

func (h *history) give(id, award, period, level string) {
	h.add(registration(id), &domain.DecisionRecorded{
		Decision: fmt.Sprintf("d%d", len(h.entries)), Act: domain.ActGrant, Award: award, Period: period, Level: level, From: domain.DateOf(h.now),
	})
}

func (h *history) reach(id, phase string, since domain.Date) {
	h.add(registration(id), &domain.StatusReached{Award: "renewal", Period: "1", Status: phase, Phase: phase, Since: since})
}

// renewing is a history of people who hold cards of two places, file for their
// renewal, are renewed, fall into statuses and withdraw, over three years.
func renewing(t *testing.T, seed uint64) *history {
	h := newHistory()
	h.ledger()
	places := []*programme.Programme{card(t, "tokyo", "Asia/Tokyo"), card(t, "vancouver", "America/Vancouver")}
	for _, p := range places {
		h.publish(p)
	}
	r := rand.New(rand.NewPCG(seed, 11))
	var ids []string
	for i := range 30 {
		id := fmt.Sprintf("r%02d", i)
		ids = append(ids, id)
		h.holdCard(id, places[i%2])
	}
	for range 400 {
		h.now = h.now.Add(time.Duration(r.IntN(5*24)) * time.Hour)
		id := ids[r.IntN(len(ids))]
		period := fmt.Sprint(1 + r.IntN(3))
		switch r.IntN(12) {
		case 0:
			h.add(registration(id), &domain.RegistrationWithdrawn{})
		case 1, 2, 3:
			h.give(id, "renewal", period, "renewed")
		case 4, 5:
			h.add(registration(id), &domain.SubmissionFiled{
				Submission: fmt.Sprintf("s%d", len(h.entries)), Kind: "renewal-form", Award: "renewal", Period: period, Received: domain.DateOf(h.now),
			})
		case 6:
			h.reach(id, "grace", domain.DateOf(h.now))
		default:
			h.add(registration(id), &domain.NoticeGiven{Notice: "reminder", About: "renewal"})
		}
	}
	return h
}

// TestDueDaysAreThoseOfTheSummaries, and however the entries were batched.
func TestDueDaysAreThoseOfTheSummaries(t *testing.T) {
	const seed = 5
	t.Logf("seed %d", seed)
	h := renewing(t, seed)
	s := applied(t, h)
	var due []DueOn
	brings := map[string][]DueOn{}
	for i := range 30 {
		id := fmt.Sprintf("r%02d", i)
		sum, err := s.Summary(id)
		require.NoError(t, err)
		f, err := s.Facts(id)
		require.NoError(t, err)
		at := InZone(sum.At, f.Programme)
		require.Equal(t, domain.DueDays(f.Programme, f, at), sum.Due)
		for _, d := range sum.Due {
			due = append(due, DueOn{d.On, id})
		}
		if sum.Brings != "" {
			brings[f.Programme.TimeZone] = append(brings[f.Programme.TimeZone], DueOn{sum.Brings, id})
		}
	}
	slices.SortFunc(due, DueOn.Compare)
	due = slices.Compact(due)
	require.Greater(t, len(due), 20)
	all, err := s.DueDays(DueOn{}, 0)
	require.NoError(t, err)
	require.Equal(t, due, all)
	from, err := s.DueDays(due[7], 5)
	require.NoError(t, err)
	require.Equal(t, due[7:12], from)

	zones, err := s.Zones()
	require.NoError(t, err)
	require.Equal(t, []string{"America/Vancouver", "Asia/Tokyo"}, zones)
	for _, zone := range zones {
		slices.SortFunc(brings[zone], DueOn.Compare)
		var got []DueOn
		for after := (DueOn{}); ; after = got[len(got)-1] {
			page, err := s.Brings(zone, after, 2)
			require.NoError(t, err)
			if got = append(got, page...); len(page) < 2 {
				break
			}
		}
		require.Equal(t, brings[zone], got)
	}

	want := fingerprint(t, s)
	for _, size := range []int{1, 11} {
		other := openEmpty(t)
		for n := 0; n < len(h.entries); n += size {
			require.NoError(t, other.Apply(context.Background(), h.entries[n:min(n+size, len(h.entries))]))
		}
		require.Equal(t, want, fingerprint(t, other), "batches of %d", size)
	}
	dir := t.TempDir() + "/projections"
	require.NoError(t, Rebuild(context.Background(), Config{Dir: dir, Logger: quiet}, newTape(100, h.entries...), nil))
	require.Equal(t, want, fingerprint(t, openIn(t, dir)))
}

// TestTheDayIsThatOfTheProgrammesZone: in Tokyo a status begins while it is the day
// before elsewhere, and once it is on record the next one is ahead.
func TestTheDayIsThatOfTheProgrammesZone(t *testing.T) {
	h := newHistory()
	h.ledger()
	tokyo := card(t, "tokyo", "Asia/Tokyo")
	h.publish(tokyo)
	h.now = time.Date(2026, 3, 31, 15, 0, 0, 0, time.UTC) // 1 April there
	h.holdCard("r1", tokyo)
	brings := func(want ...DueOn) {
		t.Helper()
		s := applied(t, h)
		got, err := s.Brings("Asia/Tokyo", DueOn{}, 0)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	brings(DueOn{"2027-03-31", "r1"})
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	h.now = time.Date(2027, 3, 31, 0, 5, 0, 0, zone)
	h.reach("r1", "grace", "2027-03-31")
	brings(DueOn{"2027-04-30", "r1"})
	h.now = time.Date(2027, 4, 30, 0, 5, 0, 0, zone)
	h.reach("r1", "lapsed", "2027-04-30")
	brings()
}

// TestANewVersionReachesWhomItJudges: where the day says which version judges, the
// summaries follow a version that comes later, and are rebuilt the same.
func TestANewVersionReachesWhomItJudges(t *testing.T) {
	for _, mode := range []string{domain.PinByDecision, domain.PinByPeriod, domain.PinByRegistration} {
		t.Run(mode, func(t *testing.T) {
			version := func(number, grace string) *programme.Programme {
				rules := strings.NewReplacer(
					"NAME", "card", "ZONE", "UTC", "version: 1", "version: "+number, "pinned-by: registration", "pinned-by: "+mode, "30 days after", grace+" days after",
				).Replace(aCard)
				if number == "2" {
					rules = strings.Replace(rules, "version: 2\n", "version: 2\nreplaces: 1\n", 1)
				}
				p, err := programme.Parse([]byte(rules))
				require.NoError(t, err)
				return p
			}
			h := newHistory()
			h.ledger()
			h.publish(version("1", "30"))
			h.holdCardBy("r1", version("1", "30"), mode)
			h.now = h.now.AddDate(1, 0, 5) // in the grace
			h.add(registration("r1"), &domain.NoticeGiven{Notice: "reminder", About: "renewal"})
			h.reach("r1", "grace", "2027-04-01")
			h.publish(version("2", "60"))
			s := openEmpty(t)
			for i := range h.entries {
				require.NoError(t, s.Apply(context.Background(), h.entries[i:i+1]))
			}
			sum, err := s.Summary("r1")
			require.NoError(t, err)
			lapses := domain.Date("2027-05-01")
			if mode != domain.PinByRegistration {
				lapses = "2027-05-31"
			}
			require.Equal(t, lapses, sum.Brings)
			require.Equal(t, fingerprint(t, applied(t, h)), fingerprint(t, s), "however the entries were batched")
		})
	}
}
