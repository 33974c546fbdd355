package domain

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDecide asks every command for everything it may answer, and at the end
// whether each refusal there is was met at least once.
func TestDecide(t *testing.T) {
	for _, x := range []struct {
		name  string
		story func(*testing.T)
	}{
		{"act", actStory},
		{"system", systemStory},
		{"signing key", keyStory},
		{"audit", auditStory},
		{"access", accessStory},
		{"programme", programmeStory},
		{"cohort", cohortStory},
		{"attester", attesterStory},
		{"assignment", assignmentStory},
		{"registration", registrationStory},
		{"ending", endingStory},
		{"person", personStory},
		{"attendance", attendanceStory},
		{"correction", correctionStory},
		{"absence", absenceStory},
		{"live equivalent", equivalentStory},
		{"evidence", evidenceStory},
		{"day length", dayLengthStory},
		{"signature", signatureStory},
		{"evidence amended", amendedStory},
		{"judgement", judgementStory},
		{"task", taskStory},
		{"submission", submissionStory},
		{"accommodation", accommodationStory},
		{"waiver", waiverStory},
		{"proposal", proposalStory},
		{"record", recordStory},
		{"grant", grantStory},
		{"without classes", withoutClassesStory},
		{"in parts", inPartsStory},
		{"denial", denialStory},
		{"suspension", suspensionStory},
		{"revocation", revocationStory},
		{"review", reviewStory},
		{"life after issue", lifeStory},
		{"extension", extensionStory},
		{"rating", ratingStory},
		{"publishing", publishingStory},
		{"pins", pinStory},
	} {
		t.Run(x.name, x.story)
	}
	if !t.Failed() {
		require.Equal(t, Reasons(), slices.Sorted(maps.Keys(reasonsSeen)), "a refusal that cannot be met, or is not tested")
	}
}

func actStory(t *testing.T) {
	o := registered(t)
	good := o.staff()
	for _, bad := range []func(*Act){
		func(a *Act) { a.By = "CANARY" }, func(a *Act) { a.By = "robot/x" }, func(a *Act) { a.By = "" },
		func(a *Act) { a.Role = "" }, func(a *Act) { a.Role = "CANARY role" },
		func(a *Act) { a.At = time.Time{} }, func(a *Act) { a.At = day("1899-12-31") }, func(a *Act) { a.Command = "" },
	} {
		a := good
		bad(&a)
		o.says("refused act-incomplete", WithdrawRegistration{Act: a, Registration: "r1"})
		o.says("refused act-incomplete", OpenCohort{Act: a, Cohort: "c9", Code: "c9", Programme: aPeers})
		o.says("refused act-incomplete", RegisterAttester{Act: a, Attester: "x"})
		o.says("refused act-incomplete", CreateLedger{Act: a, Ledger: "x"})
		o.says("refused act-incomplete", ProposeProgramme{Act: a, Programme: aPeers})
		o.says("refused act-incomplete", CorrectPerson{Act: a, Person: ida})
		o.says("refused act-incomplete", o.withAct(a))
	}
	o.says("refused no-such-registration", WithdrawRegistration{Act: o.staff(), Registration: "canary"})
	o.says("refused not-your-registration", WithdrawRegistration{Act: o.act(PersonActor(ben), RoleParticipant), Registration: "r1"})
	o.says("refused not-your-registration", WithdrawRegistration{Act: o.act("staff/jo", RoleParticipant), Registration: "r1"})
	o.says("refused text-too-long", WithdrawRegistration{Act: o.self(), Registration: "r1", Reason: strings.Repeat("x", TextBytesMax+1)})
	o.says("refused unreadable-text", WithdrawRegistration{Act: o.self(), Registration: "r1", Reason: "CANARY \x00"})
	o.says("refused unreadable-text", WithdrawRegistration{Act: o.self(), Registration: "r1", Reason: "CANARY \xff"})
}

func (o *office) withAct(a Act) Command {
	c := o.full("r9", ben, "c1")
	c.Act = a
	return c
}

func systemStory(t *testing.T) {
	o := newOffice(t)
	token := CreateToken{Act: o.staff(), Hash: aHash, For: "staff/jo", Roles: []string{RoleTrainer, RoleRegistrar, RoleTrainer}}
	o.says("refused no-ledger", token)
	o.says("refused missing-field", CreateLedger{Act: o.staff()})
	o.says("ledger.created.v1", CreateLedger{Act: o.staff(), Ledger: "l1"})
	o.says("nothing", CreateLedger{Act: o.staff(), Ledger: "l1"})
	o.says("refused ledger-exists", CreateLedger{Act: o.staff(), Ledger: "l2"})

	o.says("token.created.v1", token)
	require.Equal(t, []string{RoleRegistrar, RoleTrainer}, o.system.Tokens[0].Roles)
	o.says("nothing", token)
	other := token
	other.Roles = []string{RoleAuditor}
	o.says("refused token-exists", other)
	other.Hash = "sha256:CANARY"
	o.says("refused not-a-hash", other)
	other.Hash, other.Roles = "sha256:"+strings.Repeat("0", 64), []string{"CANARY"}
	o.says("refused unknown-role", other)
	other.Roles = []string{RoleStaff}
	o.says("refused unknown-role", other)
	other.Roles = nil
	o.says("refused missing-field", other)
	other.Roles, other.For = []string{RoleAuditor}, "CANARY"
	o.says("refused act-incomplete", other)
	other.For, other.Until = "staff/jo", "2026-02-28"
	o.says("refused ends-before-it-begins", other)
	other.Until = "CANARY"
	o.says("refused not-a-date", other)

	id := o.system.Tokens[0].ID
	o.says("token.revoked.v1", RevokeToken{Act: o.staff(), Token: id})
	o.says("nothing", RevokeToken{Act: o.staff(), Token: id})
	o.says("refused no-such-token", RevokeToken{Act: o.staff(), Token: "canary"})
	o.says("refused token-exists", token)
}

func programmeStory(t *testing.T) {
	o := newOffice(t)
	rules := o.rulesOf(t)
	author := func() Act { return o.act("staff/ann", RoleAuthor) }
	propose := ProposeProgramme{Act: author(), Programme: aPeers, Rules: rules}
	o.says("refused other-programme", ProposeProgramme{Act: author(), Programme: "canary", Rules: rules})
	bad := ProposeProgramme{Act: author(), Programme: aPeers, Rules: strings.Replace(rules, "otherwise:", "otherwhise:", 1)}
	_, err := bad.Decide(Facts{})
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, "programme-invalid", r.Reason)
	require.Contains(t, r.Detail, "otherwhise", "authors are told where")
	require.Error(t, r.Cause)
	reasonsSeen["programme-invalid"] = true

	o.says("refused no-such-version", WithdrawProgramme{Act: author(), Programme: aPeers, Version: 2})
	o.says("refused no-such-proposal", PublishProgramme{Act: o.certifier(), Programme: aPeers, Proposal: "canary"})
	o.says("proposal.made.v1", propose)
	again := propose
	again.Act = author()
	o.says("nothing", again)
	id := o.lines[aPeers].Proposals[0].ID
	publish := PublishProgramme{Act: o.certifier(), Programme: aPeers, Proposal: id}
	self := publish
	self.Act = author()
	o.says("refused needs-another-person", self)
	self.Act = o.act(AttesterActor("ann"), RoleCertifier)
	o.says("refused needs-another-person", self) // the same person in another capacity
	o.says("refused no-such-proposal", PublishProgramme{Act: o.certifier(), Programme: aPeers, Proposal: "canary"})
	o.on("2026-04-01")
	late := publish
	late.Act = o.certifier()
	o.says("refused proposal-expired", late)
	o.on("2026-02-01")
	late.Act = o.certifier()
	o.says("refused before-proposal", late)
	o.on("2026-03-02")
	o.says("programme.published.v1", publish)
	p := o.last[0].(*ProgrammePublished)
	require.Equal(t, rules, p.Rules)
	require.Equal(t, HashOf([]byte(rules)), p.Digest)
	require.Equal(t, Actor("staff/ann"), p.Proposed.By)
	o.says("nothing", publish)
	o.says("nothing", propose) // published already

	change := func(from, to string) ProposeProgramme {
		r := strings.Replace(rules, from, to, 1)
		require.NotEqual(t, rules, r)
		return ProposeProgramme{Act: author(), Programme: aPeers, Rules: r}
	}
	o.says("refused version-not-later", change("title: PeerWorks", "title: Our PeerWorks"))
	three := "version: 3"
	rules = strings.Replace(rules, "version: 2", three, 1)
	o.says("refused replaces-other", ProposeProgramme{Act: author(), Programme: aPeers, Rules: rules})
	rules = strings.Replace(rules, "replaces: 1", "replaces: 2", 1)
	o.says("refused valid-too-early", change("{from: 2026-01-01}", "{from: 2025-12-31}"))
	o.says("proposal.made.v1", ProposeProgramme{Act: author(), Programme: aPeers, Rules: rules})
	second := o.openProposal(o.lines[aPeers].Proposals)
	decline := DeclineProposal{Act: o.certifier(), On: SubjectOf(KindProgramme, aPeers), Proposal: second}
	spoken := decline
	spoken.Reason = "CANARY words"
	o.says("refused unknown-reason", spoken) // there is nobody for whom it could be sealed
	o.says("proposal.declined.v1", decline)
	require.Equal(t, "declined", o.last[0].(*ProposalDeclined).Word)
	o.says("nothing", decline)
	o.says("refused proposal-closed", PublishProgramme{Act: o.certifier(), Programme: aPeers, Proposal: second})
	decline.Proposal = id
	o.says("refused proposal-closed", decline) // what was approved is not declined

	o.says("programme.withdrawn.v1", WithdrawProgramme{Act: author(), Programme: aPeers, Version: 2, Reason: "outdated"})
	o.says("nothing", WithdrawProgramme{Act: author(), Programme: aPeers, Version: 2})
	o.says("refused no-such-version", WithdrawProgramme{Act: author(), Programme: aPeers, Version: 9})
	o.says("refused no-such-programme", OpenCohort{Act: o.staff(), Cohort: "c1", Code: "c1", Programme: aPeers})
}

func cohortStory(t *testing.T) {
	o := school(t)
	open := OpenCohort{Act: o.staff(), Cohort: "c3", Code: "c3-day", Programme: aPeers, Mode: "remote"}
	wordy := open
	wordy.Code = "CANARY spring"
	o.says("refused not-a-code", wordy)
	wordy.Code = ""
	o.says("refused missing-field", wordy)
	wordy.Code, wordy.Programme = "x", "canary"
	o.says("refused no-such-programme", wordy)
	o.says("cohort.opened.v1", open)
	o.says("nothing", open)
	wordy = open
	wordy.Mode = "in-person"
	o.says("refused cohort-differs", wordy)

	at := day("2026-06-01")
	add := ScheduleSession{Act: o.staff(), Cohort: "c3", Session: "8", Module: "listening", Starts: at, Ends: at.Add(2 * time.Hour)}
	o.says("session.scheduled.v1", add)
	require.Equal(t, "8", o.last[0].(*SessionScheduled).Module, "a module is found by its title")
	o.says("nothing", add)
	x := add
	x.Module = "9"
	o.says("refused session-differs", x)
	x = add
	x.Session = "8b"
	o.says("refused module-full", x)
	x.Module = "CANARY"
	o.says("refused no-such-module", x)
	x.Module, x.Session = "9", "CANARY"
	o.says("refused not-a-code", x)
	x.Session, x.Ends = "9", at
	o.says("refused ends-before-it-begins", x)
	x.Ends = at.Add(25 * time.Hour)
	o.says("refused session-too-long", x)
	x.Ends = time.Time{}
	o.says("refused missing-field", x)
	x.Cohort = "canary"
	o.says("refused no-such-cohort", x)

	move := RescheduleSession{Act: o.staff(), Cohort: "c3", Session: "8", Starts: at, Ends: at.Add(2 * time.Hour)}
	o.says("nothing", move)
	move.Starts, move.Ends = at.Add(time.Hour), at.Add(3*time.Hour)
	o.says("session.rescheduled.v1", move)
	wrong := move
	wrong.Session = "canary"
	o.says("refused no-such-session", wrong)
	wrong = move
	wrong.Ends, wrong.Reason = at.Add(4*time.Hour), "CANARY was ill"
	o.says("refused unknown-reason", wrong)
	o.says("refused no-such-session", CancelSession{Act: o.staff(), Cohort: "c3", Session: "canary"})
	o.says("refused unknown-reason", CancelSession{Act: o.staff(), Cohort: "c3", Session: "8", Reason: "CANARY was ill"})
	o.says("session.cancelled.v1", CancelSession{Act: o.staff(), Cohort: "c3", Session: "8", Reason: "trainer-unavailable"})
	o.says("nothing", CancelSession{Act: o.staff(), Cohort: "c3", Session: "8"})
	x = add
	x.Session = "8b"
	o.says("session.scheduled.v1", x) // takes the cancelled one's place
	o.says("refused module-full", move)
	o.says("session.cancelled.v1", CancelSession{Act: o.staff(), Cohort: "c3", Session: "8b"})
	o.says("session.rescheduled.v1", move) // takes place after all
	o.on("2026-06-02")
	o.says("refused session-held", CancelSession{Act: o.staff(), Cohort: "c3", Session: "8"})
	move.Act, move.Ends = o.staff(), at.Add(4*time.Hour)
	o.says("refused session-held", move)

	give := ReleaseMaterials{Act: o.staff(), Cohort: "c3", Material: "workbook", Hash: aHash, Session: "8"}
	o.says("materials.released.v1", give)
	o.says("nothing", give)
	give.Session = "canary"
	o.says("refused no-such-session", give)
	give.Hash = "CANARY"
	o.says("refused not-a-hash", give)
	give.Material = "A CANARY book"
	o.says("refused not-a-code", give)
}

func attesterStory(t *testing.T) {
	o := newOffice(t)
	add := RegisterAttester{Act: o.staff(), Attester: "tom", Name: "Tom Trainer", Email: "tom@example.org", Phone: "416 555 0100"}
	for _, x := range []struct {
		want   string
		change func(*RegisterAttester)
	}{
		{"missing-field", func(c *RegisterAttester) { c.Name = "" }},
		{"unknown-kind", func(c *RegisterAttester) { c.What = "CANARY" }},
		{"unknown-kind", func(c *RegisterAttester) { c.What, c.Person = AttesterOrganisation, ida }},
		{"not-a-person-id", func(c *RegisterAttester) { c.Person = "CANARY" }},
		{"implausible-field", func(c *RegisterAttester) { c.Email = "CANARY" }},
		{"implausible-field", func(c *RegisterAttester) { c.Phone = "CANARY" }},
		{"not-a-code", func(c *RegisterAttester) { c.Attester = "CANARY" }},
	} {
		c := add
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	qualify := QualifyAttester{Act: o.staff(), Attester: "tom", Code: "supervising-peers", From: "2026-01-01"}
	o.says("refused no-such-attester", qualify)
	o.says("attester.registered.v1", add)
	require.Equal(t, AttesterPerson, o.attesters["tom"].What)
	o.says("nothing", add)
	other := add
	other.Person = ida
	o.says("refused attester-differs", other)

	o.says("attester.qualified.v1", qualify)
	o.says("nothing", qualify)
	qualify.Act = o.act(AttesterActor("tom"), RoleTrainer)
	o.says("refused person-concerned", qualify)
	qualify.Act, qualify.Approval, qualify.Until = o.staff(), true, "2025-12-31"
	o.says("refused ends-before-it-begins", qualify)
	qualify.Until = "2027-12-31"
	o.says("attester.approved.v1", qualify)
	end := EndQualification{Act: o.staff(), Attester: "tom", Code: "supervising-peers", Until: "2025-01-01"}
	o.says("refused ends-before-it-begins", end)
	end.Until = "2026-02-01"
	o.says("attester.ended.v1", end)
	o.says("nothing", end)
	end.Code = "canary"
	o.says("refused no-such-qualification", end)
	end.Attester = "canary"
	o.says("refused no-such-attester", end)
}

func assignmentStory(t *testing.T) {
	o := registered(t)
	on := SubjectOf(KindRegistration, "r1")
	add := AssignAttester{Act: o.staff(), On: on, Attester: "abe", As: RoleSupervisor, Relation: RelationFriend, From: "2026-05-01", Until: "2026-06-01"}
	for _, x := range []struct {
		want   string
		change func(*AssignAttester)
	}{
		{"no-such-attester", func(c *AssignAttester) { c.Attester = "canary" }},
		{"unknown-relation", func(c *AssignAttester) { c.Relation = "CANARY" }},
		{"relation-to-nobody", func(c *AssignAttester) { c.On = SubjectOf(KindCohort, "c1") }},
		{"no-such-cohort", func(c *AssignAttester) { c.On = SubjectOf(KindCohort, "canary") }},
		{"not-here", func(c *AssignAttester) { c.On = SubjectOf(KindPerson, ida) }},
		{"person-concerned", func(c *AssignAttester) { c.Attester = "ida-too" }},
		{"person-concerned", func(c *AssignAttester) { c.Act = o.self() }},
		{"missing-field", func(c *AssignAttester) { c.As = "" }},
		{"not-a-date", func(c *AssignAttester) { c.From = "2026-02-30" }},
		{"ends-before-it-begins", func(c *AssignAttester) { c.Until = "2026-04-01" }},
	} {
		c := add
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	o.says("attester.assigned.v1", add)
	o.says("nothing", add)
	end := ReleaseAttester{Act: o.staff(), On: on, Attester: "abe", As: RoleSupervisor, Until: "2026-04-01"}
	o.says("refused ends-before-it-begins", end)
	end.Until, end.Reason = "2026-05-20", "He fell CANARY"
	o.says("attester.released.v1", end)
	require.Equal(t, ReasonOther, o.last[0].(*AttesterReleased).Reason)
	require.Equal(t, "He fell CANARY", CommonOf(o.last[0]).Personal[GroupNarrative]["reason"])
	o.says("nothing", end)
	end.As = RoleTrainer
	o.says("refused not-assigned", end)
	c1 := SubjectOf(KindCohort, "c1")
	o.says("refused unknown-reason", ReleaseAttester{Act: o.staff(), On: c1, Attester: "tom", As: RoleTrainer, Reason: "CANARY is ill"})
	o.says("attester.released.v1", ReleaseAttester{Act: o.staff(), On: c1, Attester: "tom", As: RoleTrainer, Reason: "replaced"})
}

func registrationStory(t *testing.T) {
	o := school(t).on("2026-04-10")
	for _, x := range []struct {
		want   string
		change func(*SubmitRegistration)
	}{
		{"missing-field", func(c *SubmitRegistration) { delete(c.Fields, "postal-code") }},
		{"missing-field", func(c *SubmitRegistration) { c.Fields["lived-experience"] = "  " }},
		{"missing-field", func(c *SubmitRegistration) { c.Accepted = nil }},
		{"unknown-field", func(c *SubmitRegistration) { c.Fields["canary"] = "CANARY" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["email"] = "CANARY.example.org" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["email"] = "ida@CANARY" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["phone"] = "555 CANARY" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["phone"] = "555" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["postal-code"] = "90210" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["postal-code"] = "KK1 0B1" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["lived-experience"] = "CANARY" }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["city"] = strings.Repeat("x", FieldBytesMax+1) }},
		{"implausible-field", func(c *SubmitRegistration) { c.Fields["city"] = "CANARY\x7f" }},
		{"unknown-text", func(c *SubmitRegistration) {
			c.Accepted = append(c.Accepted, Accept{Text: "CANARY", Version: "1", Hash: aHash})
		}},
		{"accepted-twice", func(c *SubmitRegistration) { c.Accepted = append(c.Accepted, c.Accepted[0]) }},
		{"version-missing", func(c *SubmitRegistration) { c.Accepted = []Accept{{Text: "expectations", Hash: aHash}} }},
		{"not-a-hash", func(c *SubmitRegistration) {
			c.Accepted = []Accept{{Text: "expectations", Version: "1", Hash: "CANARY"}}
		}},
		{"not-a-person-id", func(c *SubmitRegistration) { c.Person = "CANARY" }},
		{"no-such-cohort", func(c *SubmitRegistration) { c.Cohort = "canary" }},
		{"cohort-missing", func(c *SubmitRegistration) { c.Cohort, c.Programme = "", aPeers }},
		{"no-such-programme", func(c *SubmitRegistration) { c.Cohort, c.Programme = "", "canary" }},
		{"in-the-future", func(c *SubmitRegistration) { c.Received = "2026-04-11" }},
		{"not-a-date", func(c *SubmitRegistration) { c.Received = "CANARY" }},
		{"not-a-date", func(c *SubmitRegistration) { c.Received = "1899-01-01" }},
		{"not-your-registration", func(c *SubmitRegistration) { c.Act = o.act(PersonActor(ben), RoleParticipant) }},
	} {
		c := o.full("r1", ida, "c1")
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	c := o.full("r1", ida, "c1")
	delete(c.Fields, "city")
	delete(c.Fields, "email")
	c.Accepted = nil
	_, err := c.Decide(o.facts(c))
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, []string{"city", "email", "expectations"}, r.Fields, "everything missing at once")

	o.says("registration.submitted.v1", o.full("r1", ida, "c1"))
	e := o.last[0].(*RegistrationSubmitted)
	require.Equal(t, "Ida", e.Personal[GroupIdentity]["first-name"])
	require.Equal(t, anEmail, e.Personal[GroupContact]["email"])
	require.Equal(t, map[string]string{"lived-experience": "both"}, e.Personal[GroupLivedExp])
	require.Equal(t, map[string]string{"accessibility-request": "Captions,\nplease."}, e.Personal[GroupAccommodation])
	require.True(t, slices.IsSorted(e.Given))
	require.Len(t, e.Given, 10)
	require.Equal(t, Pin{Programme: aPeers, Version: 2, Digest: o.rules[e.Digest].Digest, Mode: "registration", On: "2026-04-10"}, o.registrations["r1"].Pin)
	o.says("refused already-registered", o.full("r1", ida, "c1"))
	o.says("refused already-registered", o.full("r2", ida, "c1"))
	o.says("registration.submitted.v1", o.full("r2", ida, "c2"))
	o.says("registration.submitted.v1", o.full("r3", ben, "c1"))

	o.on("2025-12-31")
	early := o.full("r4", ben, "c2")
	f := o.facts(early)
	f.Programme = o.rules[e.Digest]
	_, err = early.Decide(f)
	require.ErrorAs(t, err, &r)
	require.Equal(t, "not-in-force", r.Reason)
	reasonsSeen[r.Reason] = true
	o.on("2026-04-11")

	move := TransferRegistration{Act: o.staff(), Registration: "r3", To: "c2", Reason: "schedule-change"}
	o.says("nothing", TransferRegistration{Act: o.staff(), Registration: "r3", To: "c1"})
	o.says("refused no-such-cohort", TransferRegistration{Act: o.staff(), Registration: "r3", To: "canary"})
	o.says("refused already-registered", TransferRegistration{Act: o.staff(), Registration: "r1", To: "c2"})
	f = o.facts(move)
	elsewhere := *f.Elsewhere
	elsewhere.Programme = "another"
	f.Elsewhere = &elsewhere
	_, err = move.Decide(f)
	require.ErrorAs(t, err, &r)
	require.Equal(t, "other-programme", r.Reason)
	o.says("registration.transferred.v1", move)
	require.Equal(t, "c2", o.registrations["r3"].Cohort)

	accept := AcceptText{Act: o.self(), Registration: "r1", Accept: Accept{Text: "expectations", Version: "2026.1", Hash: aHash}}
	o.says("nothing", accept)
	accept.Version = "2026.2"
	o.says("consent.accepted.v1", accept)
	o.says("nothing", accept)
	accept.Version = "2026.1"
	o.says("consent.accepted.v1", accept) // the latest is what stands
	accept.Text = "canary"
	o.says("refused unknown-text", accept)
	accept.Act = o.trainer()
	o.says("refused not-authorised", accept)

	notice := GiveNotice{Act: o.staff(), Registration: "r1", Notice: "second-miss", About: "missed-sessions", Channel: "mail"}
	o.says("notice.given.v1", notice)
	o.says("nothing", notice)
	notice.About = "CANARY said"
	o.says("refused not-a-code", notice)
}

func endingStory(t *testing.T) {
	o := registered(t)
	o.says("refused not-begun", DeclareNoShow{Act: o.staff(), Registration: "r1"})
	o.on("2026-04-21")
	o.says("refused person-concerned", DeclareNoShow{Act: o.self(), Registration: "r1"})
	mark := MarkAttendance{Act: o.trainer(), Registration: "r1", Session: "1", Status: Absent}
	o.must(mark)
	self := MarkAttendance{Act: o.self(), Registration: "r1", Session: "1", Status: Present, Source: SourceSelf}
	o.must(self) // outranked by the trainer
	o.says("registration.no-show.v1", DeclareNoShow{Act: o.staff(), Registration: "r1"})
	o.says("nothing", DeclareNoShow{Act: o.staff(), Registration: "r1"})
	o.says("refused no-show", WithdrawRegistration{Act: o.self(), Registration: "r1"})
	o.says("refused no-show", TransferRegistration{Act: o.staff(), Registration: "r1", To: "c2"})
	mark.Act = o.trainer()
	o.says("refused no-show", mark)
	o.says("refused no-show", o.judge("incomplete"))
	o.now = o.now.AddDate(0, 0, -1).Add(7 * time.Hour)
	mark.Act, mark.Status = o.trainer(), Present
	o.says("attendance.marked.v1", mark) // it happened before, and is recorded late

	o = registered(t).on("2026-04-21")
	o.must(MarkAttendance{Act: o.trainer(), Registration: "r1", Session: "1", Status: Late, Minutes: minutes(95)})
	o.says("refused attended", DeclareNoShow{Act: o.staff(), Registration: "r1"})

	o = registered(t).on("2026-04-21")
	o.must(ApproveLiveEquivalent{Act: o.trainer(), Registration: "r1", Session: "2", Cohort: "c2"})
	o.says("refused attended", DeclareNoShow{Act: o.staff(), Registration: "r1"})
	leave := WithdrawRegistration{Act: o.self(), Registration: "r1", Reason: "CANARY health"}
	o.says("registration.withdrawn.v1", leave)
	require.Equal(t, "CANARY health", CommonOf(o.last[0]).Personal[GroupNarrative]["reason"])
	o.says("nothing", leave)
	o.says("refused withdrawn", DeclareNoShow{Act: o.staff(), Registration: "r1"})
	o.says("refused withdrawn", TransferRegistration{Act: o.staff(), Registration: "r1", To: "c2"})
	o.on("2026-04-22")
	o.says("refused withdrawn", MarkAttendance{Act: o.trainer(), Registration: "r1", Session: "1", Status: Present})
	o.says("refused withdrawn", o.hours("h1", 60, "", ""))
	o.says("refused withdrawn", Grant{Act: o.certifier(), Registration: "r1", Level: "incomplete"})
	o.says("refused withdrawn", Deny{Act: o.certifier(), Registration: "r1", Level: "incomplete", Clause: "staff-decision", Text: "x"})
	o.says("registration.submitted.v1", o.full("r2", ida, "c1")) // somebody who withdrew may come back
}

func minutes(n int64) *int64 { return &n }

func personStory(t *testing.T) {
	o := registered(t)
	change := CorrectPerson{Act: o.self(), Person: ida, Fields: map[string]string{"last-name": "Novak", "email": "ida@example.com"}, Reason: "contact-changed"}
	o.says("person.corrected.v1", change)
	e := o.last[0].(*PersonCorrected)
	require.Equal(t, []string{"email", "last-name"}, e.Fields)
	require.Equal(t, "Novak", e.Personal[GroupIdentity]["last-name"])
	require.Equal(t, "ida@example.com", e.Personal[GroupContact]["email"])
	for _, x := range []struct {
		want   string
		change func(*CorrectPerson)
	}{
		{"not-a-person-id", func(c *CorrectPerson) { c.Person = "CANARY" }},
		{"not-your-registration", func(c *CorrectPerson) { c.Act = o.act(PersonActor(ben), RoleParticipant) }},
		{"no-such-person", func(c *CorrectPerson) { c.Act, c.Person = o.staff(), ben }},
		{"missing-field", func(c *CorrectPerson) { c.Fields = nil }},
		{"not-a-code", func(c *CorrectPerson) { c.Fields = map[string]string{"CANARY": "x"} }},
		{"implausible-field", func(c *CorrectPerson) { c.Fields = map[string]string{"email": "CANARY"} }},
		{"implausible-field", func(c *CorrectPerson) { c.Fields = map[string]string{"city": " "} }},
		{"not-correctable", func(c *CorrectPerson) { c.Fields = map[string]string{"canary-of-somebodys-own": "x"} }},
	} {
		c := change
		x.change(&c)
		o.says("refused "+x.want, c)
	}
	secret := CorrectPerson{Act: o.staff(), Person: ida, Fields: map[string]string{"lived-experience": "both"}}
	f := o.facts(secret)
	f.Programme = o.rules[o.registrations["r1"].Pin.Digest]
	_, err := secret.Decide(f)
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, "not-correctable", r.Reason)
	reasonsSeen[r.Reason] = true
}
