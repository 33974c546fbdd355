package domain

import "github.com/certledger/certledger/domain/programme"

// taskKind finds a kind of task of the programme.
func (f Facts) taskKind(key string) (programme.TaskKind, error) {
	k, ok := f.Programme.Task(key)
	if !ok {
		var keys []string
		for _, t := range f.Programme.Tasks {
			keys = append(keys, t.Key)
		}
		return k, refuseField("kind", "unknown-task", "The programme has no such kind of task; it has %s.", known(keys))
	}
	return k, nil
}

// setter refuses an act on a task by somebody who neither sets such tasks nor
// acts for the body.
func (f Facts) setter(a Act, k programme.TaskKind) error {
	if err := f.notConcerned(a); err != nil {
		return err
	}
	if actsForBody(a.Role) && !playsRole(a.Role, k.SetBy) {
		return nil // staff act where the setter cannot
	}
	return f.plays(a, k.SetBy)
}

// Decide asks something of a participant.
func (c SetTask) Decide(f Facts) ([]Event, error) {
	s, err := f.active(c.Act)
	if err != nil {
		return nil, err
	}
	k, err := f.taskKind(c.Kind)
	if err != nil {
		return nil, err
	}
	if err := firstError(f.notConcerned(c.Act), f.plays(c.Act, k.SetBy), checkSlugs(optional("task", c.Task)), checkDate("due", c.Due), checkTexts(c.Text)); err != nil {
		return nil, err
	}
	if k.About == "session" && c.Session == "" {
		return nil, refuseField("session", "missing-field", "This kind of task is about a session; please name it.")
	}
	if c.Session != "" {
		if _, err := f.openSession(c.Session); err != nil {
			return nil, err
		}
	}
	if c.For != "" {
		if _, _, ok := f.Programme.Requirement(c.For); !ok {
			return nil, refuseField("for", "unknown-requirement", "The programme has no such requirement; please check its path.")
		}
	}
	e := &TaskSet{Task: c.id(c.Task, "task"), Kind: c.Kind, Session: c.Session, For: c.For, Due: c.Due}
	if t := s.task(e.Task); t != nil {
		if t.Kind == e.Kind && t.Session == e.Session && t.For == e.For && (c.Due == "" && !k.DueIn.Zero() || t.Due == e.Due) && t.Cancelled == nil {
			return nil, nil
		}
		return nil, refuseField("task", "task-differs", "A task with this identifier was set with other details; please choose another, or extend that one.")
	}
	if c.Due == "" && !k.DueIn.Zero() {
		e.Due = c.day().plus(k.DueIn)
	}
	if c.Due != "" && c.Due < c.day() {
		return nil, refuseField("due", "due-passed", "The due day is before the day of asking; please give a day that can be kept.")
	}
	e.personal(GroupNarrative, "text", c.Text)
	return events(e)
}

// aTask finds a task that goes on, and its kind.
func (f Facts) aTask(id string) (*Task, programme.TaskKind, error) {
	t := f.Standing.task(id)
	if t == nil {
		return nil, programme.TaskKind{}, refuseField("task", "no-such-task", "No such task was set here; please check the identifier.")
	}
	if t.Cancelled != nil {
		return nil, programme.TaskKind{}, refuseField("task", "task-cancelled", "This task was taken back; please set a new one if it is still wanted.")
	}
	k, err := f.taskKind(t.Kind)
	return t, k, err
}

// DueDay is the day a task is due, with its extensions; empty where there is none.
func (t Task) DueDay() Date {
	due := t.Due
	for _, x := range t.Extensions {
		due = max(due, x.Due)
	}
	return due
}

// Decide gives a later due day, which may be recorded afterwards (A11).
func (c ExtendTask) Decide(f Facts) ([]Event, error) {
	if _, err := f.active(c.Act); err != nil {
		return nil, err
	}
	t, k, err := f.aTask(c.Task)
	if err != nil {
		return nil, err
	}
	if err := firstError(f.setter(c.Act, k), checkDate("due", c.Due), checkTexts(c.Reason)); err != nil {
		return nil, err
	}
	switch due := t.DueDay(); {
	case due == "":
		return nil, refuseField("due", "no-due-day", "This task has no due day, so there is nothing to extend.")
	case c.Due == due:
		return nil, nil
	case c.Due < due:
		return nil, refuseField("due", "due-not-later", "An extension gives a later day than the %s it is due now.", due)
	}
	e := &TaskExtended{Task: c.Task, Due: c.Due}
	e.Reason = e.reason(GroupAccommodation, c.Reason)
	return events(e)
}

// Decide records that the participant did it.
func (c FulfilTask) Decide(f Facts) ([]Event, error) {
	if _, err := f.active(c.Act); err != nil {
		return nil, err
	}
	t, _, err := f.aTask(c.Task)
	if err != nil {
		return nil, err
	}
	on := c.On
	if on == "" {
		on = c.day()
	}
	if err := firstError(c.checkDay("on", on), checkSlugs(optional("how", c.How))); err != nil {
		return nil, err
	}
	if t.Fulfilled != nil {
		if c.On == "" || c.On == t.Fulfilled.On {
			return nil, nil
		}
		return nil, refuseField("on", "already-fulfilled", "This task was done on %s; what was recorded stands.", t.Fulfilled.On)
	}
	return events(&TaskFulfilled{Task: c.Task, On: on, How: c.How})
}

// Decide is a named person's word that it is done: never the participant's own (A10).
func (c ConfirmTask) Decide(f Facts) ([]Event, error) {
	if _, err := f.active(c.Act); err != nil {
		return nil, err
	}
	t, k, err := f.aTask(c.Task)
	if err != nil {
		return nil, err
	}
	want := k.ConfirmedBy
	if want == "" {
		want = k.SetBy
	}
	if err := firstError(f.notConcerned(c.Act), f.plays(c.Act, want)); err != nil {
		return nil, err
	}
	if t.Confirmed != nil {
		return nil, nil
	}
	return events(&TaskConfirmed{Task: c.Task})
}

// Decide takes a task back while it is not done.
func (c CancelTask) Decide(f Facts) ([]Event, error) {
	s, err := f.registration(c.Act)
	if err != nil {
		return nil, err
	}
	if t := s.task(c.Task); t != nil && t.Cancelled != nil {
		return nil, nil
	}
	t, k, err := f.aTask(c.Task)
	if err != nil {
		return nil, err
	}
	if err := firstError(f.setter(c.Act, k), checkTexts(c.Reason)); err != nil {
		return nil, err
	}
	if t.Confirmed != nil {
		return nil, refuseField("task", "task-done", "This task was confirmed as done, so it is not taken back.")
	}
	e := &TaskCancelled{Task: c.Task}
	e.Reason = e.reason(GroupNarrative, c.Reason)
	return events(e)
}
