package programme

// Limits on a programme's source. They bound the work of Parse on any input
// and are far above what a body's rules need.
const (
	SourceBytesMax  = 256 << 10 // size of the file
	LinesMax        = 5_000
	LineRunesMax    = 1_000  // characters in one line
	DepthMax        = 16     // tables and lists inside one another
	KeysMax         = 5_000  // keys in the whole file
	ValuesMax       = 20_000 // words, lists and tables in the whole file
	RequirementsMax = 500    // children counted
	ModulesMax      = 500
	SessionsMax     = 100 // sessions that deliver one module
	StepsMax        = 100 // numbers of one step list
	LevelsMax       = 50  // levels of an award, answers of a question
	TracksMax       = 50
	ItemsMax        = 200 // of one section of a rubric
	KeyBytesMax     = 64
	TextRunesMax    = 600               // a clause, an assumption, a title
	NumberMax       = 1_000_000_000_000 // in the smallest unit
	CreditMax       = 1_000_000         // of one rate: for so much, so much
	VersionMax      = 9_999
	ReviewDaysMax   = 366 // to look again at a decision in doubt
	ErrorsMax       = 50  // shown at once
)
