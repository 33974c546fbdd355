package domain

// Judgement is a person's answer to a question of the programme. A rubric's
// ratings may stand beside it; they never decide by themselves.
type Judgement struct {
	ID         string   `json:"id"`
	Question   string   `json:"question"`
	Number     int64    `json:"number,omitempty"` // from 1
	Answer     string   `json:"answer"`
	Ratings    []Rating `json:"ratings,omitempty"`
	Rubric     string   `json:"rubric,omitempty"`
	Consensus  bool     `json:"consensus,omitempty"`
	Signers    []Actor  `json:"signers,omitempty"`
	Supersedes string   `json:"supersedes,omitempty"`
	Made       Origin   `json:"made"`
}

// Rating is one item of a rubric.
type Rating struct {
	Item   string `json:"item"`
	Answer string `json:"answer"`
}

// JudgementRecorded records a judgement. Its narrative is sealed.
type JudgementRecorded struct {
	Common
	Judgement  string   `json:"judgement"`
	Question   string   `json:"question"`
	Number     int64    `json:"number,omitempty"`
	Answer     string   `json:"answer"`
	Ratings    []Rating `json:"ratings,omitempty"`
	Rubric     string   `json:"rubric,omitempty"`
	Consensus  bool     `json:"consensus,omitempty"`
	Signers    []Actor  `json:"signers,omitempty"`
	Supersedes string   `json:"supersedes,omitempty"`
}

// Type is the stored name.
func (*JudgementRecorded) Type() string { return "judgement.recorded.v1" }

// apply adds the judgement beside the earlier ones. Judging again corrects
// nothing: where it takes a level away, the assessment says so. One that came
// late was not known to a decision on a later day.
func (v *JudgementRecorded) apply(f fold, e *Entry) {
	s := f.registration
	s.doubtLate(e, DateOf(e.Time))
	s.Judgements = append(s.Judgements, Judgement{
		ID: v.Judgement, Question: v.Question, Number: v.Number, Answer: v.Answer, Ratings: v.Ratings, Rubric: v.Rubric,
		Consensus: v.Consensus, Signers: v.Signers, Supersedes: v.Supersedes, Made: originOf(e),
	})
}

// RecordJudgement records a judgement.
type RecordJudgement struct {
	Act
	Registration string
	Question     string
	Number       int64
	Answer       string
	Rubric       string
	Ratings      []Rating
	Consensus    bool
	Signers      []Actor
	Narrative    string // sealed
}

// Subject is the registration's.
func (c RecordJudgement) Subject() Subject { return SubjectOf(KindRegistration, c.Registration) }
