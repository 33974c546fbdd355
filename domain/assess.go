package domain

import (
	"math"
	"slices"
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// Assess says what the rules make of the facts at a time. It is pure: the same
// programme, facts and time give the same assessment for ever. What happened
// after at is left out; what was recorded is whatever f holds.
func Assess(p *programme.Programme, f Facts, at time.Time) Assessment {
	return newView(judging(p, f, at), f, at).assess()
}

// judging are the rules by which facts are judged at a time: those given, or of
// the registration's own programme the version that its pin says.
func judging(p *programme.Programme, f Facts, at time.Time) *programme.Programme {
	if p == f.Programme {
		return f.RulesOn(DateOf(at))
	}
	return p
}

func (v *view) assess() Assessment {
	p := v.p
	a := Assessment{
		Programme: Pin{Programme: p.ID, Version: p.Version, Digest: p.Digest, Mode: p.PinnedBy},
		At:        v.at,
		Classes:   v.classes,
	}
	if v.f.Standing.Exists() {
		a.Programme = v.f.Standing.judgedBy(p, v.today)
	}
	a.Results = v.results(p, nil)
	for _, other := range v.otherRules() {
		a.Results = v.results(other, a.Results)
	}
	a.Measures = v.measures()
	a.Status, a.Phase = v.status(), v.phase()
	for i := range p.Awards {
		for _, k := range v.askings(p.Awards[i].Key) {
			w := v.in(k)
			a.Awards = append(a.Awards, w.award(w.here(&p.Awards[i]), a.Results))
		}
	}
	a.Reviews = v.reviews(a)
	a.Flags = v.flags(a)
	a.Warnings = v.warnings()
	a.Assumptions = v.assumptions()
	a.Consulted = v.consulted(a)
	a.Periods = v.rules.list()
	return a
}

// results adds those of some rules' requirements, in each asking that is judged by
// these rules.
func (v *view) results(p *programme.Programme, out []Result) []Result {
	for i := range p.Requirements {
		r := &p.Requirements[i]
		for _, k := range v.askingsBy(p, r.For) {
			if w := v.in(k); w.p == p {
				out = append(out, w.top(r))
			}
		}
	}
	return out
}

// askingsBy are those of an award of some rules, none where today's do not have it.
func (v *view) askingsBy(p *programme.Programme, award string) []Asking {
	if p != v.p {
		if _, ok := v.p.Award(award); !ok {
			return nil
		}
	}
	return v.askings(award)
}

// here is an award of today's rules as those of this view have it.
func (v *view) here(a *programme.Award) *programme.Award {
	if v.home == nil {
		return a
	}
	return found(v.p.Award(a.Key))
}

// view is the facts as one assessment sees them.
type view struct {
	p       *programme.Programme
	f       Facts
	s       *Standing
	at      time.Time
	today   Date
	cut     uint64 // last sequence known
	asThen  bool   // leave out what was signed or answered after at
	classes []ClassResult

	// The track and the period that the award at hand is asked in, and the view
	// outside of them; empty and nil where it is asked once.
	track  string
	period *period
	outer  *view

	// Where periods are judged by the rules in force on their last day: the days
	// asked for, and, in a view by such rules, the one by those of today.
	rules *rulesAsked
	home  *view

	memo   *memo
	copies copies // of one activity
	path   string // of the requirement that is being looked at
}

func newView(p *programme.Programme, f Facts, at time.Time) *view {
	v := &view{p: p, f: f, s: f.Standing, at: at, today: DateOf(at), cut: math.MaxUint64}
	v.memo = newMemo()
	if v.s == nil {
		v.s = &Standing{}
	}
	if v.s.Pin.Mode == PinByPeriod && (p == f.Programme || p == f.RulesOn(v.today)) {
		v.rules = &rulesAsked{}
	}
	v.classes, v.copies = v.classResults(), copiesIn(v.s.Evidence)
	return v
}

// then is the view that somebody had who did o: what was known at its place in
// the ledger, and what had happened by its time.
func (v *view) then(o Origin) *view {
	t := *v
	t.cut, t.at, t.today, t.asThen = o.Sequence, o.Time, o.Day(), true
	t.again(v)
	return &t
}

// until is the view of a shorter ledger.
func (v *view) until(sequence uint64) *view {
	t := *v
	t.cut = sequence
	t.again(v)
	return &t
}

// again starts a view of other facts with nothing found out, in the same track
// and period.
func (v *view) again(was *view) {
	v.memo = newMemo()
	if was.outer != nil {
		outer := *v
		outer.outer, outer.track, outer.period = nil, "", nil
		outer.memo = newMemo()
		v.outer = &outer
	}
	v.againAtHome(was)
}

// knows reports whether a fact is in the ledger read and had happened.
func (v *view) knows(o Origin) bool { return o.Sequence <= v.cut && !o.Time.After(v.at) }

// holds reports whether a later word on a fact (a signature, an answer) is in
// the ledger read. It counts from the day of the fact it is about.
func (v *view) holds(o Origin) bool {
	return o.Sequence <= v.cut && (!v.asThen || !o.Time.After(v.at))
}

func (v *view) top(r *programme.Requirement) Result {
	res := v.result(r)
	res.Award, res.Kindly = r.For, r.Kindly
	k := v.asking(r.For)
	res.Track, res.Period = k.Track, k.Period
	switch {
	case res.Verdict == NotMet:
		res.Cap = r.Otherwise
	case res.Verdict == Open && !upperBound(r.Test):
		res.Cap = r.WhileOpen
	}
	if res.Cap != "" && res.Supports != "" {
		res.Cap = res.Supports
	}
	if res.Cap != "" {
		res.Raises = append(res.Raises, r.Raises...)
	}
	slices.Sort(res.Raises)
	res.Raises = slices.Compact(res.Raises)
	if res.Verdict == Met {
		res.Kindly = ""
	}
	return res
}

// upperBound reports whether a test bounds from above: open, it caps nothing.
func upperBound(t programme.Test) bool {
	switch t := t.(type) {
	case programme.Missed:
		return true
	case programme.Sum:
		return t.AtMost != nil
	case programme.Combined:
		return t.Op == "none-of"
	}
	return false
}

// asking is the award as this view asks it.
func (v *view) asking(award string) Asking {
	return Asking{Award: award, Track: v.track, Period: v.periodName()}
}

// measures are the totals of the measures, in each track and period in which a
// requirement asks for them.
func (v *view) measures() []Total {
	out := v.measuresBy(v.p, nil)
	for _, other := range v.otherRules() {
		out = v.measuresBy(other, out)
	}
	return out
}

func (v *view) measuresBy(p *programme.Programme, out []Total) []Total {
	for i := range p.Measures {
		m := &p.Measures[i]
		var seen []*view
		for j := range p.Requirements {
			r := &p.Requirements[j]
			if !r.Sums(m.Key) {
				continue
			}
			for _, k := range v.askingsBy(p, r.For) {
				if w := v.in(k); w.p == p && !slices.Contains(seen, w) {
					seen = append(seen, w)
				}
			}
		}
		for _, w := range seen {
			t := w.total(m).Total
			t.Track, t.Period = w.track, w.periodName()
			out = append(out, t)
		}
	}
	return out
}

// reach is how high the caps leave an award, and what binds it there.
type reach struct {
	rank         int
	binding      []string
	settledShort bool // something that binds cannot be met any more
}

// reaches is how high the caps leave an award. Another award that it needs and
// that is not earned holds it at its lowest level.
func (v *view) reaches(w *programme.Award, results []Result) reach {
	k, top := v.asking(w.Key), len(w.Levels)-1
	out := reach{rank: top}
	for _, r := range results {
		if r.Cap == "" || r.Asking() != k {
			continue
		}
		if n, ok := w.Rank(r.Cap); ok {
			out.rank = min(out.rank, n)
		}
	}
	for _, r := range results {
		if r.Asking() == k && r.Cap == w.Levels[out.rank] && out.rank < top {
			out.binding = append(out.binding, r.Path)
			out.settledShort = out.settledShort || r.Verdict == NotMet
		}
	}
	for _, x := range w.Needs {
		other := found(v.p.Award(x.Award))
		in := v
		if other.Each == "" {
			in = v.base()
		}
		first := in.reaches(other, results)
		if want, _ := other.Rank(x.Level); first.rank >= want {
			continue
		}
		if out.rank > 0 {
			out.rank, out.binding, out.settledShort = 0, nil, false
		}
		out.binding = append(out.binding, first.binding...)
		out.settledShort = out.settledShort || first.settledShort
	}
	return out
}

func (v *view) award(w *programme.Award, results []Result) AwardResult {
	k := v.asking(w.Key)
	r := v.reaches(w, results)
	out := AwardResult{Award: w.Key, Track: k.Track, Period: k.Period, Earned: w.Levels[r.rank], Binding: r.binding}
	if v.period != nil {
		out.From, out.Until = v.period.from, v.period.until
	}
	if v.home != nil {
		out.Version = v.p.Version
	}
	for n := r.rank + 1; n < len(w.Levels); n++ {
		if !slices.Contains(w.NeverGranted, w.Levels[n]) {
			out.Next = w.Levels[n]
			break
		}
	}
	out.Provisional = v.provisional(w)
	d, granted := v.inForce(k)
	if granted {
		out.Granted, out.Decision = d.Level, d.ID
		if v.period == nil {
			out.Until = v.holdsUntil(w.Key)
		}
	}
	out.Ready = v.ready(w, out, r, granted)
	return out
}

func (v *view) ready(w *programme.Award, out AwardResult, r reach, granted bool) bool {
	k := v.asking(w.Key)
	if w.ByFacts || len(out.Provisional) > 0 || slices.Contains(w.NeverGranted, out.Earned) ||
		v.stopped(v.main().p.Awards[0].Key) || v.denied(k, out.Earned) || v.revoked(k, out.Earned) {
		return false
	}
	if r.rank == 0 {
		return !granted && r.settledShort && !v.accommodationOpen()
	}
	was := 0
	if granted {
		was, _ = w.Rank(out.Granted)
	}
	return r.rank > was
}

// Provisional codes: why an earned level may still change by itself.
const (
	ProvisionalSessionOpen = "session-open" // a session is unmarked, contradicted or not yet held
	ProvisionalJudgedEarly = "judged-early" // judged before the last session was over
	ProvisionalWithdrawn   = "withdrawn"    // a withdrawn registration has no outcome
)

func (v *view) provisional(w *programme.Award) []string {
	var out []string
	if v.state() == StateWithdrawn {
		out = append(out, ProvisionalWithdrawn)
	}
	if v.p.Classes == nil || !v.dependsOnClasses(w) || v.state() == StateNoShow {
		return out
	}
	for _, c := range v.classes {
		if c.Result == ClassOpen || c.Result == ClassContradicted || c.Result == ClassNotHeld {
			out = append(out, ProvisionalSessionOpen)
			break
		}
	}
	if v.judgedEarly() {
		out = append(out, ProvisionalJudgedEarly)
	}
	return out
}

// dependsOnClasses: an award waits for classes if it asks about them; the first always does.
func (v *view) dependsOnClasses(w *programme.Award) bool {
	if w.Key == v.p.Awards[0].Key {
		return true
	}
	for i := range v.p.Requirements {
		if r := &v.p.Requirements[i]; r.For == w.Key {
			if _, ok := r.Test.(programme.Missed); ok {
				return true
			}
		}
	}
	return false
}

func (v *view) judgedEarly() bool {
	last := v.f.lastSessionEnd()
	for i := range v.p.Questions {
		q := &v.p.Questions[i]
		if v.f.Cohort == nil || q.Numbered != "" || !v.askedOfCohort(q) {
			continue
		}
		j := v.judged(q, 0)
		for _, x := range j.counted {
			if x.Made.Time.Before(last) {
				return true
			}
		}
	}
	return false
}

func (v *view) askedOfCohort(q *programme.Question) bool {
	return slices.ContainsFunc(v.f.Cohort.Attesters, func(a Assignment) bool { return a.Role == q.AskedOf })
}

func (f Facts) lastSessionEnd() time.Time {
	var last time.Time
	if f.Cohort == nil {
		return last
	}
	for _, s := range f.Cohort.Sessions {
		if !s.Cancelled && s.Ends.After(last) {
			last = s.Ends
		}
	}
	return last
}

// state of the registration as this view knows it.
func (v *view) state() string {
	if v.s.StateSince != nil && !v.knows(*v.s.StateSince) {
		return StateRegistered
	}
	return v.s.State
}

// Statuses that decisions give, beside the states of a registration. Others are
// a programme's own words.
const (
	StatusActive      = "active"
	StatusSuspended   = "suspended"
	StatusRevoked     = "revoked"
	StatusSurrendered = "surrendered"
)

// status is where somebody stands: what a decision says, or after the end of a
// period the phase, or whether something is granted.
func (v *view) status() string {
	k := Asking{Award: v.p.Awards[0].Key}
	if d, ok := v.s.latest(k, ActRevoke); ok && v.knows(d.Made) {
		if _, granted := v.inForce(k); !granted {
			return StatusRevoked
		}
	}
	if d, ok := v.s.latest(k, ActAcceptSurrender); ok && v.knows(d.Made) {
		return StatusSurrendered
	}
	if d, ok := v.s.latest(k, ActSuspend); ok && v.knows(d.Made) {
		return StatusSuspended
	}
	if x := v.phase(); x != nil && v.state() == StateRegistered {
		return x.Status
	}
	if d, ok := v.inForce(k); ok && d.Level != v.p.Awards[0].Levels[0] {
		return StatusActive
	}
	return v.state()
}

// stopped reports whether an award is suspended, revoked or surrendered by a
// decision, so that nothing can be granted.
func (v *view) stopped(award string) bool {
	k := Asking{Award: award}
	for _, act := range []string{ActSuspend, ActAcceptSurrender} {
		if d, ok := v.s.latest(k, act); ok && v.knows(d.Made) {
			return true
		}
	}
	if d, ok := v.s.latest(k, ActRevoke); ok && v.knows(d.Made) {
		_, granted := v.inForce(k)
		return !granted
	}
	return false
}

// inForce is the decision in force, apart from levels that were revoked
// person-wide by a decision on another registration.
func (v *view) inForce(k Asking) (Decision, bool) {
	var elsewhere []string
	for _, o := range v.f.Others {
		if o.Programme == v.p.ID && (o.Award == "" || o.Award == k.Award) {
			elsewhere = append(elsewhere, o.RevokedWide...)
		}
	}
	return givenAmong(v.s.Decisions, k, func(d Decision) bool { return v.knows(d.Made) }, elsewhere)
}

// replaced reports whether a later decision that this view knows took decision
// i out of force.
func (v *view) replaced(i int) bool {
	old := v.s.Decisions[i]
	if x, ok := v.inForce(old.Asking()); ok && x.ID == old.ID {
		return false
	}
	old.Superseded = false
	for _, d := range v.s.Decisions[i+1:] {
		if v.knows(d.Made) && d.replaces(old) {
			return true
		}
	}
	return false
}

// denied reports whether a denial in force covers the level.
func (v *view) denied(k Asking, level string) bool {
	for i, d := range v.s.Decisions {
		if d.Asking() == k && d.Denied != nil && d.Denied.Level == level && v.knows(d.Made) && !v.replaced(i) {
			return true
		}
	}
	return false
}

// revoked reports whether granting a level waits for a reinstatement.
func (v *view) revoked(k Asking, level string) bool {
	for i, d := range v.s.Decisions {
		if d.Asking() == k && d.Act == ActRevoke && v.knows(d.Made) && !v.replaced(i) && (len(d.Levels) == 0 || slices.Contains(d.Levels, level)) {
			return true
		}
	}
	return slices.ContainsFunc(v.f.Others, func(o Other) bool {
		return o.Programme == v.p.ID && (o.Award == "" || o.Award == k.Award) && slices.Contains(o.RevokedWide, level)
	})
}

func (v *view) accommodationOpen() bool {
	for _, a := range v.s.Accommodations {
		if v.knows(a.Made) && (a.Answered == nil || !v.holds(*a.Answered)) {
			return true
		}
	}
	return false
}

func (v *view) flags(a Assessment) []string {
	var out []string
	for _, r := range a.Results {
		out = append(out, r.Raises...)
	}
	for _, w := range v.s.Waivers {
		if v.waiverInForce(w) {
			out = append(out, FlagWaiver)
		}
	}
	for i, d := range v.s.Decisions {
		if d.Denied != nil && v.knows(d.Made) && !v.replaced(i) {
			out = append(out, FlagDenied)
		}
	}
	for _, w := range a.Awards {
		if w.Ready && w.Earned != v.awardOf(w.Asking()).Levels[0] {
			out = append(out, FlagDecisionPending)
		}
	}
	for _, x := range v.s.Attesters {
		if x.Relation != "" && x.Relation != RelationNone && v.holds(x.Made) {
			out = append(out, FlagDualRelation)
		}
	}
	if len(a.Reviews) > 0 {
		out = append(out, FlagReviewRequired)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (v *view) waiverInForce(w Waiver) bool {
	return v.knows(w.Made) && (w.Ended == nil || !v.holds(*w.Ended)) && (w.Until == "" || v.today <= w.Until)
}

// waived is the waiver under which a session does not count for a requirement.
func (v *view) waived(requirement, session string) (Waiver, bool) {
	for _, w := range v.s.Waivers {
		if w.Requirement == requirement && w.Session == session && v.waiverInForce(w) {
			return w, true
		}
	}
	return Waiver{}, false
}

// awardOf is the award of an asking, by the rules that judge it.
func (v *view) awardOf(k Asking) *programme.Award { return found(v.in(k).p.Award(k.Award)) }

// assumptions are those of the rules, and of other rules that judge periods.
func (v *view) assumptions() []AssumptionUsed {
	out := assumptionsOf(v.p)
	for _, other := range v.otherRules() {
		for _, a := range assumptionsOf(other) {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

func assumptionsOf(p *programme.Programme) []AssumptionUsed {
	var out []AssumptionUsed
	for _, a := range p.Assumptions {
		out = append(out, AssumptionUsed{ID: a.ID, Says: a.Says})
	}
	return out
}
