package domain

// Task is something that staff asked of a participant.
type Task struct {
	ID         string      `json:"id"`
	Kind       string      `json:"kind"`
	Session    string      `json:"session,omitempty"`
	For        string      `json:"for,omitempty"` // requirement
	Due        Date        `json:"due,omitempty"`
	Made       Origin      `json:"made"`
	Extensions []Extension `json:"extensions,omitempty"`
	Fulfilled  *Done       `json:"fulfilled,omitempty"`
	Confirmed  *Origin     `json:"confirmed,omitempty"`
	Cancelled  *Origin     `json:"cancelled,omitempty"`
}

// Extension is a new due day.
type Extension struct {
	Due  Date   `json:"due"`
	Made Origin `json:"made"`
}

// Done is when the participant did it.
type Done struct {
	On   Date   `json:"on"`
	Made Origin `json:"made"`
}

// TaskSet asks something of a participant.
type TaskSet struct {
	Common
	Task    string `json:"task"`
	Kind    string `json:"kind"`
	Session string `json:"session,omitempty"`
	For     string `json:"for,omitempty"`
	Due     Date   `json:"due,omitempty"`
}

// TaskExtended gives a later due day. It may be recorded afterwards.
type TaskExtended struct {
	Common
	Task   string `json:"task"`
	Due    Date   `json:"due"`
	Reason string `json:"reason,omitempty"`
}

// TaskFulfilled records that the participant did it.
type TaskFulfilled struct {
	Common
	Task string `json:"task"`
	On   Date   `json:"on"`
	How  string `json:"how,omitempty"` // code: recording, essay …
}

// TaskConfirmed is a named person's word that it is done.
type TaskConfirmed struct {
	Common
	Task string `json:"task"`
}

// TaskCancelled takes the task back.
type TaskCancelled struct {
	Common
	Task   string `json:"task"`
	Reason string `json:"reason,omitempty"`
}

func (*TaskSet) Type() string       { return "task.set.v1" }
func (*TaskExtended) Type() string  { return "task.extended.v1" }
func (*TaskFulfilled) Type() string { return "task.fulfilled.v1" }
func (*TaskConfirmed) Type() string { return "task.confirmed.v1" }
func (*TaskCancelled) Type() string { return "task.cancelled.v1" }

func (v *TaskSet) apply(f fold, e *Entry) {
	f.registration.Tasks = append(f.registration.Tasks, Task{
		ID: v.Task, Kind: v.Kind, Session: v.Session, For: v.For, Due: v.Due, Made: originOf(e),
	})
}

func (s *Standing) task(id string) *Task {
	for i := range s.Tasks {
		if s.Tasks[i].ID == id {
			return &s.Tasks[i]
		}
	}
	return nil
}

func (v *TaskExtended) apply(f fold, e *Entry) {
	if t := f.registration.task(v.Task); t != nil {
		t.Extensions = append(t.Extensions, Extension{Due: v.Due, Made: originOf(e)})
	}
}

func (v *TaskFulfilled) apply(f fold, e *Entry) { f.registration.fulfil(v.Task, v.On, e) }

func (s *Standing) fulfil(task string, on Date, e *Entry) {
	if t := s.task(task); t != nil && t.Fulfilled == nil {
		t.Fulfilled = &Done{On: on, Made: originOf(e)}
	}
}

func (v *TaskConfirmed) apply(f fold, e *Entry) {
	if t := f.registration.task(v.Task); t != nil {
		o := originOf(e)
		t.Confirmed = &o
	}
}

func (v *TaskCancelled) apply(f fold, e *Entry) {
	if t := f.registration.task(v.Task); t != nil {
		o := originOf(e)
		t.Cancelled = &o
		f.registration.doubt(e, t.Made.Sequence)
	}
}

// SetTask asks something of a participant.
type SetTask struct {
	Act
	Registration string
	Task         string // id; derived from the command where empty
	Kind         string
	Session      string
	For          string
	Due          Date
	Text         string // sealed
}

// ExtendTask gives a later due day.
type ExtendTask struct {
	Act
	Registration string
	Task         string
	Due          Date
	Reason       string
}

// FulfilTask records that the participant did it.
type FulfilTask struct {
	Act
	Registration string
	Task         string
	On           Date
	How          string
}

// ConfirmTask is a named person's word that it is done.
type ConfirmTask struct {
	Act
	Registration string
	Task         string
}

// CancelTask takes a task back.
type CancelTask struct {
	Act
	Registration string
	Task         string
	Reason       string
}

// Subject is the registration's.
func (c SetTask) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c ExtendTask) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c FulfilTask) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c ConfirmTask) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c CancelTask) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
