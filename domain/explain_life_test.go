package domain

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// told explains where r1 stands.
func (o *office) told() Explanation {
	f := o.facts(o.clock())
	entries := slices.DeleteFunc(slices.Clone(o.entries), func(e Entry) bool { return e.Subject != SubjectOf(KindRegistration, "r1") })
	return Explain(f.Programme, o.assess(), entries)
}

// heldCard is a card held from 2 March 2026 until 1 March 2028.
func heldCard(t *testing.T) *office {
	o := lifeOffice(t)
	o.must(o.plain("oath", "", "2026-03-02"), o.plain("exam", "passed", "2026-03-02"), Grant{Act: o.certifier(), Registration: "r1", Level: "held"})
	return o
}

// TestLifeAfterTheCertificateIsTold: what holds until when, the phase with what may
// still be done and by when, the fee, and the way back; kindly to the participant.
func TestLifeAfterTheCertificateIsTold(t *testing.T) {
	require.Nil(t, lifeOffice(t).told().Life, "nothing is granted")

	o := heldCard(t).on("2027-03-02")
	require.Equal(t, &Life{
		Status: StatusActive,
		Says:   "What is granted holds until 2028-03-01. Renewal form can be filed from 2028-01-01 until 2028-05-30.",
		Kindly: "What you hold is valid until 1 March 2028. You can file for its renewal from 1 January 2028 until 30 May 2028.",
	}, o.told().Life)
	card, renewal := o.told().Outcomes[0], o.told().Outcomes[1]
	require.Contains(t, card.Sentence, "It holds until 2028-03-01.")
	require.Contains(t, renewal.Sentence, "Period 1 is from 2026-03-02 until 2028-03-01.")
	require.Equal(t, []Date{"2026-03-02", "2028-03-01"}, []Date{renewal.From, renewal.Until})

	// In the grace papers may be filed, and nothing earned.
	o.must(o.learn("c1", 1000, "2027-03-01"))
	o.on("2028-03-10")
	require.Equal(t, &Life{
		Status: "grace",
		Says: "Grace since 2028-03-02 until 2028-05-30: renewal of period 1 was not complete in time. Papers may still be filed. The title is kept meanwhile. " +
			"The renewal can still be filed; what is earned now does not count for it. From 2028-05-31 on the status is lapsed.",
		Kindly: "You can still renew until 30 May 2028; what you earn now does not count for it. You may use the title meanwhile.",
	}, o.told().Life)
	require.Contains(t, o.told().Outcomes[0].Sentence, "It held until 2028-03-01.")
	o.must(FileSubmission{Act: o.staff(), Registration: "r1", Kind: "renewal-form"})
	require.Contains(t, o.told().Life.Says, "What was owed is complete now; it waits for a decision.")
	require.Contains(t, o.told().Life.Kindly, "Everything that was owed is there now, and waits for a decision.")

	// Without the credits, filing would not help: nobody is told to.
	o = heldCard(t).on("2028-03-10")
	require.Contains(t, o.told().Life.Says, "The renewal can no longer be completed: Ten credits in the term.")
	require.Equal(t, "It is too late to renew this time. You may use the title meanwhile.", o.told().Life.Kindly)

	o.on("2028-07-01")
	require.Equal(t, &Life{
		Status: "lapsed",
		Says: "Lapsed since 2028-05-31: renewal of period 1 was not complete in time. The title may not be used. " +
			"The renewal can no longer be completed: Ten credits in the term. The fee is 25.00 USD. It is made good by back.",
		Kindly: "It is too late to renew this time. The way back is back; what it asks for is listed with it.",
	}, o.told().Life)
	text := o.told().Text()
	require.Contains(t, text, "\nStatus: lapsed\n  Lapsed since 2028-05-31: renewal of period 1 was not complete")
	require.Contains(t, text, "\n  > It is too late to renew this time.")
	for _, line := range strings.Split(text, "\n") {
		require.LessOrEqual(t, len(line), textWidth)
	}

	// A decision by a person comes before what time brings.
	o.must(Suspend{Act: o.certifier(), Registration: "r1", Reason: "allegation"})
	require.Nil(t, o.told().Life)
}

// TestEachKindOfPhaseIsTold by what it lets do.
func TestEachKindOfPhaseIsTold(t *testing.T) {
	o := heldCard(t).on("2028-03-10")
	f, a := o.facts(o.clock()), o.assess()
	a.Results = nil // nothing of what was owed is lost yet
	says := func(ph PhaseState) (string, string) {
		ph.Award, ph.Period, ph.Status, ph.Since, ph.Until = "renewal", "1", "grace", "2028-03-02", "2028-05-30"
		b := a
		b.Phase = &ph
		life := Explain(f.Programme, b, nil).Life
		return life.Says, life.Kindly
	}
	staff, kind := says(PhaseState{Phase: "grace", May: []string{"earn", "file"}, Fee: &Amount{Number: new(int64), Unit: UnitCent, Noun: "USD"}})
	require.Contains(t, staff, "What is missing can still be earned and filed. The fee is 0.00 USD. From 2028-05-31 on")
	require.Equal(t, "You can still earn what is missing and renew until 30 May 2028. The fee is 0.00 USD. You may use the title meanwhile.", kind)
	staff, kind = says(PhaseState{Phase: "grace", May: []string{"earn"}})
	require.Contains(t, staff, "What is missing can still be earned; nothing can be filed.")
	require.Contains(t, kind, "You can still earn what is missing until 30 May 2028.")
	staff, kind = says(PhaseState{Phase: "lapsed", StartAgain: true})
	require.Contains(t, staff, "Nothing that is earned or filed now counts for it. Only a new registration leads back.")
	require.Contains(t, kind, "It is too late to renew this time. You may use the title meanwhile. A new registration leads back.")
	require.Equal(t, "31 December 2028", dayInWords("2028-12-31"))
}
