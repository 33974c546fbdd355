package domain

import (
	"bytes"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// Bounds on what a piece of evidence may say. What lies beyond is a slip.
const (
	QuantityMax   = 1_000_000_000
	NumberMax     = 10_000
	DocumentsMax  = 100
	minutesPerDay = 24 * 60
)

var units = []string{UnitMinute, UnitHundredth, UnitCent, UnitBasisPoint, UnitDay, UnitMonth, UnitWord, UnitCount}

// checkFact refuses what cannot be: every value is a code, a day, a hash or a
// number in bounds. Unknown kinds and categories are stored; the assessment
// says that they do not count.
func (f Facts) checkFact(a Act, x Fact) error {
	if err := checkSlugs(
		needed("kind", x.Kind), optional("activity", x.Activity), optional("title", x.Title), optional("session", x.Session),
		optional("module", x.Module), optional("item", x.Item), optional("period", x.Period), optional("track", x.Track),
		optional("outcome", x.Outcome), optional("filedrole", x.FiledRole), optional("attester", x.Attester),
		optional("attesterrole", x.AttesterRole), optional("provider", x.Provider), optional("mode", x.Mode), optional("fulfils", x.Fulfils),
	); err != nil {
		return err
	}
	switch {
	case x.Category != "" && !IsPath(x.Category):
		return refuseField("category", "not-a-code", "A category is made of codes joined by slashes.")
	case x.FiledBy != "" && !x.FiledBy.Check():
		return refuseField("filedby", "not-a-code", "Who filed it is an attester, a person or a member of staff, with an identifier.")
	case x.Relation != "" && !slices.Contains(relations, x.Relation):
		return refuseField("relation", "unknown-relation", "The relation to the participant is one of %s.", known(relations))
	case x.Number < 0 || x.Number > NumberMax:
		return refuseField("number", "number-impossible", "Numbers begin at 1 and end at %d.", NumberMax)
	case len(x.Documents) > DocumentsMax:
		return refuseField("documents", "too-many-documents", "A piece of evidence has up to %d documents; please record several pieces.", DocumentsMax)
	}
	if err := firstError(checkHashes("documents", x.Documents), checkQuantity(x), checkScore(x), checkSpan(x.From, x.Until),
		a.checkDay("until", x.Until), a.checkDay("received", x.Received)); err != nil {
		return err
	}
	if x.Session != "" {
		if _, err := f.session(x.Session); err != nil {
			return err
		}
	}
	if x.Fulfils != "" {
		if _, _, err := f.aTask(x.Fulfils); err != nil {
			return err
		}
	}
	return nil
}

func checkQuantity(x Fact) error {
	switch {
	case x.Quantity == nil && x.Unit == "" && x.Currency == "":
		return nil
	case x.Quantity == nil:
		return refuseField("quantity", "quantity-missing", "A unit without a quantity says nothing; leave both out where the quantity is not known.")
	case !slices.Contains(units, x.Unit):
		return refuseField("unit", "unknown-unit", "A quantity is a whole number of %s.", known(units))
	case *x.Quantity <= 0 || *x.Quantity > QuantityMax:
		return refuseField("quantity", "quantity-impossible", "A quantity is more than nothing and at most %d; leave it out where it is not known.", QuantityMax)
	case (x.Unit == UnitCent) != (x.Currency != "") || x.Currency != "" && !isCurrency(x.Currency):
		return refuseField("currency", "unknown-currency", "An amount of money has a currency of three capital letters, like CAD; nothing else has one.")
	}
	return nil
}

func isCurrency(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func checkScore(x Fact) error {
	switch {
	case x.Score == nil && x.OutOf == nil:
		return nil
	case x.Score == nil || x.OutOf == nil:
		return refuseField("score", "score-incomplete", "A score needs the points and the highest number of points.")
	case *x.OutOf < 1 || *x.OutOf > QuantityMax || *x.Score < 0 || *x.Score > *x.OutOf:
		return refuseField("score", "score-impossible", "A score lies between nothing and the highest number of points.")
	}
	return nil
}

// checkDayLength refuses more minutes of one kind than the days have. Any run
// of days must have room for the pieces that lie within it; together these
// say exactly whether the minutes can be spread over the days (Hall).
func (s *Standing) checkDayLength(id string, x Fact) error {
	if x.Unit != UnitMinute || x.Quantity == nil {
		return nil
	}
	pieces := []Fact{x}
	for _, e := range s.Evidence {
		if e.ID != id && e.Voided == nil && e.Kind == x.Kind && e.Unit == UnitMinute && e.Quantity != nil {
			pieces = append(pieces, e.Fact)
		}
	}
	slices.SortStableFunc(pieces, func(a, b Fact) int { return strings.Compare(string(a.Until), string(b.Until)) })
	for _, first := range pieces {
		if first.From > x.From {
			continue
		}
		var minutes int64
		for _, p := range pieces {
			if p.From < first.From {
				continue
			}
			minutes += *p.Quantity
			if p.Until >= x.Until && minutes > minutesPerDay*int64(first.From.DaysUntil(p.Until)+1) {
				return refuseField("quantity", "more-than-a-day", "A day has %d minutes; together with what is recorded already, this is more than these days have.", minutesPerDay)
			}
		}
	}
	return nil
}

// sameJSON compares two values by what they would be stored as.
func sameJSON(a, b any) bool {
	x, errA := encodeJSON(a)
	y, errB := encodeJSON(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

// filled completes what a command leaves out: the act's day and who acts, or,
// for a piece known already, what that says.
func (a Act) filled(x Fact, was *Fact) Fact {
	if x.Until == "" {
		switch {
		case was != nil && (x.From == "" || x.From == was.From):
			x.Until = was.Until
		case x.From == "":
			x.Until = a.day()
		default:
			x.Until = x.From
		}
	}
	if x.From == "" {
		if x.From = x.Until; was != nil && x.Until == was.Until {
			x.From = was.From
		}
	}
	if x.Received == "" {
		if x.Received = a.day(); was != nil {
			x.Received = was.Received
		}
	}
	if x.FiledBy == "" && x.FiledRole == "" {
		if x.FiledBy, x.FiledRole = a.By, a.Role; was != nil {
			x.FiledBy, x.FiledRole = was.FiledBy, was.FiledRole
		}
	}
	return x
}

// Decide records a piece of evidence, once for each identifier.
func (c RecordEvidence) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkSlugs(optional("evidence", c.Evidence)), checkTexts(c.Narrative)); err != nil {
		return nil, err
	}
	id := c.id(c.Evidence, "evidence")
	if known := s.evidence(id); known != nil {
		first := known.Fact
		if len(known.Was) > 0 {
			first = known.Was[0].Fact
		}
		if sameJSON(c.filled(c.Fact, &first), first) || sameJSON(c.filled(c.Fact, &known.Fact), known.Fact) {
			return nil, nil
		}
		return nil, refuseField("evidence", "evidence-differs", "A piece of evidence with this identifier says something else; please correct that one, or choose another identifier.")
	}
	fact := c.filled(c.Fact, nil)
	if err := firstError(f.checkFact(c.Act, fact), f.files(c.Act)); err != nil {
		return nil, err
	}
	if err := s.checkDayLength(id, fact); err != nil {
		return nil, err
	}
	e := &EvidenceRecorded{Evidence: id, Fact: fact}
	e.personal(GroupPracticum, "narrative", c.Narrative)
	return events(e)
}

// files refuses attesters who record evidence about somebody not theirs.
func (f Facts) files(a Act) error {
	if a.Role == RoleTrainer || a.Role == RoleSupervisor {
		return f.holdsRole(a)
	}
	return nil
}

// openDispute reports whether evidence is contested and nobody has answered since.
func (x *Evidence) openDispute() bool {
	n := len(x.Disputes)
	if n == 0 {
		return false
	}
	return !slices.ContainsFunc(x.Answers, func(a Answer) bool { return a.Made.Sequence > x.Disputes[n-1].Made.Sequence })
}

// signed are the signatures of what the evidence says now: a correction needs
// them anew.
func (x *Evidence) signed() []Signature {
	var since uint64
	if n := len(x.Was); n > 0 {
		since = x.Was[n-1].Until.Sequence
	}
	return slices.DeleteFunc(slices.Clone(x.Signatures), func(s Signature) bool { return s.Made.Sequence <= since })
}

// someEvidence finds a piece that was not voided.
func (f Facts) someEvidence(id string) (*Evidence, error) {
	x := f.Standing.evidence(id)
	if x == nil {
		return nil, refuseField("evidence", "no-such-evidence", "No such piece of evidence is recorded here; please check the identifier.")
	}
	if x.Voided != nil {
		return nil, refuseField("evidence", "evidence-voided", "This piece of evidence was taken out; please record a new one.")
	}
	return x, nil
}

// Decide attests a piece of evidence, by an attester assigned when it happened
// or now, or by staff in their place with a reason (A16). Participants sign what
// the programme asks them to.
func (c SignEvidence) Decide(f Facts) ([]Event, error) {
	if _, err := f.registration(c.Act); err != nil {
		return nil, err
	}
	x, err := f.someEvidence(c.Evidence)
	if err != nil {
		return nil, err
	}
	own := c.Role == RoleParticipant && c.For == "" && f.asksToSign(x.Kind, RoleParticipant)
	if !own {
		err = f.notConcerned(c.Act)
	}
	if err := firstError(err, checkSlugs(optional("for", c.For)), checkTexts(c.Reason, c.Text)); err != nil {
		return nil, err
	}
	if x.openDispute() {
		return nil, refuseField("evidence", "evidence-disputed", "This piece of evidence is contested; it can be signed once that is answered.")
	}
	e := &EvidenceSigned{Evidence: c.Evidence, Role: c.Role, For: c.For}
	switch {
	case own:
	case c.For == "" && c.By.attester() == "":
		return nil, refuseField("for", "not-authorised", "Evidence is signed by the attester assigned; staff sign in the place of a role, with a reason.")
	case c.For == "":
		if err := f.holdsRole(c.Act, x.Until, c.day()); err != nil {
			return nil, err
		}
		e.Attester = c.By.attester()
	case !actsForBody(c.Role):
		return nil, refuseField("for", "not-authorised", "Only staff sign in the place of somebody else.")
	case c.Reason == "" && c.Text == "":
		return nil, refuseField("reason", "reason-missing", "Signing in the place of somebody else needs a reason, as a code or in words.")
	}
	for _, s := range x.signed() {
		if s.Attester == e.Attester && s.Role == e.Role && s.For == e.For {
			return nil, nil
		}
	}
	e.Reason = e.reason(GroupNarrative, c.Reason)
	e.personal(GroupNarrative, "text", c.Text)
	return events(e)
}

// asksToSign reports whether the programme asks a role to sign evidence of a
// kind: a code of conduct is signed by the participant.
func (f Facts) asksToSign(kind, role string) bool {
	asked := false
	f.Programme.EachRequirement(func(q programme.Requirement) bool {
		f.Programme.EachWhere(q.Test, func(of string, w *programme.Where) {
			asked = asked || of == kind && (w.SignedBy == role || slices.Contains(w.AlsoSigned, role))
		})
		return !asked
	})
	return asked
}

// Decide contests a piece of evidence.
func (c DisputeEvidence) Decide(f Facts) ([]Event, error) {
	if _, err := f.registration(c.Act); err != nil {
		return nil, err
	}
	x, err := f.someEvidence(c.Evidence)
	if err != nil {
		return nil, err
	}
	if err := checkTexts(c.Reason, c.Text); err != nil {
		return nil, err
	}
	switch {
	case c.Role == RoleParticipant:
	case c.By.attester() != "":
		if err := f.holdsRole(c.Act, x.Until, c.day()); err != nil {
			return nil, err
		}
	default:
		return nil, refuse("not-authorised", "Evidence is contested by the participant or by an attester assigned; staff answer it or take it out.")
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "Please say why this is contested, as a code or in words.")
	}
	if n := len(x.Disputes); x.openDispute() && x.Disputes[n-1].Made.Actor == c.By {
		return nil, nil
	}
	e := &EvidenceDisputed{Evidence: c.Evidence, Role: c.Role}
	if e.Reason = e.reason(GroupNarrative, c.Reason); e.Reason == "" {
		e.Reason = ReasonOther
	}
	e.personal(GroupNarrative, "text", c.Text)
	return events(e)
}

// Decide records the body's answer, one event for each piece.
func (c AnswerEvidence) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkSlugs(needed("answer", c.Answer), optional("kind", c.Kind)),
		checkTexts(append(slices.Clone(c.Reasons), c.Text)...), f.notConcerned(c.Act)); err != nil {
		return nil, err
	}
	if !actsForBody(c.Role) {
		return nil, refuse("not-authorised", "Evidence is answered by staff.")
	}
	from := c.From
	if from == "" {
		from = c.day()
	}
	if err := c.checkDay("from", from); err != nil {
		return nil, err
	}
	ids := c.Evidence
	if len(ids) == 0 {
		if c.Kind == "" {
			return nil, refuseField("evidence", "missing-field", "Please name the evidence to answer, or its kind.")
		}
		for _, x := range s.Evidence {
			if x.Kind == c.Kind && x.Voided == nil && len(x.Answers) == 0 {
				ids = append(ids, x.ID)
			}
		}
	}
	var out []Event
	for _, id := range ids {
		x, err := f.someEvidence(id)
		if err != nil {
			return nil, err
		}
		if n := len(x.Answers); n > 0 && !x.openDispute() && x.Answers[n-1].Word == c.Answer && (c.From == "" || x.Answers[n-1].From == c.From) &&
			!f.waitsFor(x, c.Role, x.Answers[n-1].Made.Role) {
			continue
		}
		e := &EvidenceAnswered{Evidence: id, Answer: c.Answer, Role: c.Role, From: from}
		e.Reasons = e.reasons(GroupNarrative, c.Reasons)
		e.personal(GroupNarrative, "text", c.Text)
		out = append(out, e)
	}
	return out, nil
}

// waitsFor reports whether evidence waits for the answer of a role that another
// one could not give: the same word of the right person is another answer.
func (f Facts) waitsFor(x *Evidence, role, answered string) bool {
	waits := false
	f.Programme.EachRequirement(func(q programme.Requirement) bool {
		t, ok := q.Test.(programme.Has)
		waits = waits || ok && t.Kind == x.Kind && t.Person != "" && playsRole(role, t.Person) && !playsRole(answered, t.Person)
		return !waits
	})
	return waits
}

// corrected is the correction as it would be recorded, or nil where the
// evidence says so already.
func (c CorrectEvidence) corrected(f Facts) (*EvidenceCorrected, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	x, err := f.someEvidence(c.Evidence)
	if err != nil {
		return nil, err
	}
	fact := c.filled(c.Fact, &x.Fact)
	if err := firstError(f.checkFact(c.Act, fact), checkTexts(c.Reason, c.Text), f.amends(c.Act, x)); err != nil {
		return nil, err
	}
	if err := s.checkDayLength(x.ID, fact); err != nil {
		return nil, err
	}
	if sameJSON(fact, x.Fact) {
		return nil, nil
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "A correction needs its reason, as a code or in words.")
	}
	e := &EvidenceCorrected{Evidence: c.Evidence, Fact: fact}
	if e.Reason = e.reason(GroupNarrative, c.Reason); e.Reason == "" {
		e.Reason = ReasonOther
	}
	e.personal(GroupPracticum, "text", c.Text)
	return e, nil
}

// amends refuses those who may not change a piece of evidence: it is changed
// by whoever filed it, by staff, or by an attester assigned.
func (f Facts) amends(a Act, x *Evidence) error {
	switch {
	case actsForBody(a.Role), a.By == x.FiledBy, a.By == x.Made.Actor:
		return nil
	case a.By.attester() != "":
		return f.holdsRole(a, x.Until, a.day())
	}
	return refuse("not-authorised", "Evidence is changed by whoever filed it, by an attester assigned, or by staff; it can be contested by everybody concerned.")
}

// Decide replaces what a piece of evidence says. After a decision, a
// correction that raises a level takes two people.
func (c CorrectEvidence) Decide(f Facts) ([]Event, error) {
	e, err := c.corrected(f)
	if err != nil || e == nil {
		return nil, err
	}
	if f.Standing.decided() && f.raises(c.Act, e) {
		return nil, needsSecondPerson()
	}
	return events(e)
}

// Decide records the proposal; nothing changes until another person approves.
func (c ProposeEvidenceCorrection) Decide(f Facts) ([]Event, error) {
	e, err := c.corrected(f)
	if err != nil || e == nil {
		return nil, err
	}
	return c.propose(f.Standing.Proposals, e)
}

func (c VoidEvidence) voided(f Facts) (*EvidenceVoided, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if x := s.evidence(c.Evidence); x != nil && x.Voided != nil {
		return nil, nil
	}
	x, err := f.someEvidence(c.Evidence)
	if err != nil {
		return nil, err
	}
	if err := firstError(checkTexts(c.Reason, c.Text), f.amends(c.Act, x)); err != nil {
		return nil, err
	}
	if c.Reason == "" && c.Text == "" {
		return nil, refuseField("reason", "reason-missing", "Taking evidence out needs a reason, as a code or in words.")
	}
	e := &EvidenceVoided{Evidence: c.Evidence}
	if e.Reason = e.reason(GroupNarrative, c.Reason); e.Reason == "" {
		e.Reason = ReasonOther
	}
	e.personal(GroupNarrative, "text", c.Text)
	return e, nil
}

// Decide takes a piece of evidence out. After a decision, where that raises a
// level, it takes two people.
func (c VoidEvidence) Decide(f Facts) ([]Event, error) {
	e, err := c.voided(f)
	if err != nil || e == nil {
		return nil, err
	}
	if f.Standing.decided() && f.raises(c.Act, e) {
		return nil, needsSecondPerson()
	}
	return events(e)
}

// Decide records the proposal; nothing changes until another person approves.
func (c ProposeVoid) Decide(f Facts) ([]Event, error) {
	e, err := c.voided(f)
	if err != nil || e == nil {
		return nil, err
	}
	return c.propose(f.Standing.Proposals, e)
}
