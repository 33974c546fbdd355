package domain

// Accommodation is a request and what became of it. Explanations say only that
// an accommodation was considered or applied.
type Accommodation struct {
	ID       string  `json:"id"`
	Answer   string  `json:"answer,omitempty"` // granted, declined, withdrawn; empty while open
	Answered *Origin `json:"answered,omitempty"`
	Made     Origin  `json:"made"`
}

// AccommodationRequested opens an accommodation review. Kind and substance are sealed.
type AccommodationRequested struct {
	Common
	Accommodation string `json:"accommodation"`
	Session       string `json:"session,omitempty"`
}

// AccommodationAnswered closes the review.
type AccommodationAnswered struct {
	Common
	Accommodation string `json:"accommodation"`
	Answer        string `json:"answer"`
}

func (*AccommodationRequested) Type() string { return "accommodation.requested.v1" }
func (*AccommodationAnswered) Type() string  { return "accommodation.answered.v1" }

func (v *AccommodationRequested) apply(f fold, e *Entry) {
	f.registration.Accommodations = append(f.registration.Accommodations, Accommodation{ID: v.Accommodation, Made: originOf(e)})
}

func (v *AccommodationAnswered) apply(f fold, e *Entry) {
	for i := range f.registration.Accommodations {
		a := &f.registration.Accommodations[i]
		if a.ID == v.Accommodation {
			o := originOf(e)
			a.Answer, a.Answered = v.Answer, &o
		}
	}
}

// RequestAccommodation opens a review.
type RequestAccommodation struct {
	Act
	Registration  string
	Accommodation string // id; derived from the command where empty
	Session       string
	What          string // sealed: kind, substance
}

// AnswerAccommodation closes a review: granted, declined or withdrawn.
type AnswerAccommodation struct {
	Act
	Registration  string
	Accommodation string
	Answer        string
	Text          string // sealed
}

// Subject is the registration's.
func (c RequestAccommodation) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }

// Subject is the registration's.
func (c AnswerAccommodation) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
