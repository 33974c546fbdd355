package projections

import (
	"encoding/binary"
	"reflect"
	"strconv"

	"github.com/certledger/certledger/domain"
)

// formatVersion counts the forms of keys and of the values written by hand.
const formatVersion = 4

// format is the value of the format row. Another one means that the rows were
// written by other code, be it another layout or other semantics of Assess:
// they are rebuilt, never converted.
var format = "certledger projections " + strconv.Itoa(formatVersion) + " " + domain.EngineVersion + " " + shapeOf(
	reflect.TypeFor[domain.Standing](), reflect.TypeFor[domain.Cohort](), reflect.TypeFor[domain.Attester](),
	reflect.TypeFor[domain.Person](), reflect.TypeFor[domain.ProgrammeLine](), reflect.TypeFor[domain.System](),
	reflect.TypeFor[domain.Access](), reflect.TypeFor[domain.Token](), reflect.TypeFor[Summary](), reflect.TypeFor[Recorded](), reflect.TypeFor[DecisionAt](),
)

// Every row of the database. A key is a byte for its view and the parts named;
// text parts that something follows end with a zero byte, which no identifier
// contains; numbers are eight bytes, big-endian; a level of the tree and a place
// in a tile are one byte. "packed" is codec.go's form.
//
//	!  format                            text: the layout that the rows are written in
//	!  position                          sequence, SHA-256 of the payload at it
//	a  registration                      packed Summary: the assessment's results
//	b  time zone, day, registration      nothing: the first day on which time brings a status that is not on record,
//	                                     which may have passed, in the zone of the programme
//	c  command id                        packed Recorded: what the command recorded
//	d  decision id                       packed DecisionAt: where it stands
//	e  sequence                          latest recorded time up to here, in milliseconds (varint), length of
//	                                     the subject (varint), subject, stored bytes
//	f  flag, registration                nothing: the registrations with a flag
//	g  programme, registration           the digest pinned: the registrations of a programme
//	h  level, tile                       the hashes of a complete tile of the tree, see tree.go
//	h  level, tile, place                one hash of a tile that is not complete yet
//	i  day, registration                 nothing: the registrations for which something is due, opens or ends on a day
//	k  token hash                        packed domain.Token
//	l  attester, registration            nothing: the registrations with evidence that names an attester or provider
//	m  cohort, registration              nothing: who was ever in a cohort
//	n  "t" event type                    number of entries
//	n  "s" programme, state              number of registrations
//	o  cohort, registration              nothing: the roster
//	p  person, registration              nothing: a person's registrations
//	r  registration                      nothing: some award is ready to be granted
//	s  subject                           recorded time of its last entry, packed state
//	t  subject, sequence                 nothing: the timeline
//	u  due day, registration, decision   nothing: the reviews that are open, in the order of their days
//	v  sequence, decision id             registration: decisions that rested on an entry
//	w  attester, subject                 nothing: what an attester was ever assigned to
//	x  subject, registration, decision   nothing: the decisions that had read a cohort, an attester or another
//	                                     registration, or rested on an attester's word
//	y  digest                            sequence of its first publication, the programme's bytes
//	z  registration                      nothing: its assessment is owed, see owed.go
const (
	viewMeta       = '!'
	viewSummary    = 'a'
	viewBrings     = 'b'
	viewCommand    = 'c'
	viewDecision   = 'd'
	viewEntry      = 'e'
	viewFlag       = 'f'
	viewOfProgram  = 'g'
	viewTree       = 'h'
	viewDue        = 'i'
	viewToken      = 'k'
	viewNamed      = 'l'
	viewMember     = 'm'
	viewCount      = 'n'
	viewRoster     = 'o'
	viewPerson     = 'p'
	viewReady      = 'r'
	viewState      = 's'
	viewTimeline   = 't'
	viewReview     = 'u'
	viewEvidence   = 'v'
	viewAssigned   = 'w'
	viewReader     = 'x'
	viewProgramme  = 'y'
	viewOwed       = 'z'
	countEntries   = "t"
	countStates    = "s"
	sequenceLength = 8
)

var (
	keyFormat   = key(viewMeta, "format")
	keyPosition = key(viewMeta, "position")
)

// key is a view's key with text parts, zero bytes between them.
func key(view byte, parts ...string) []byte {
	size := len(parts)
	for _, p := range parts {
		size += len(p)
	}
	return appendKey(make([]byte, 0, size+sequenceLength), view, parts...)
}

func appendKey(b []byte, view byte, parts ...string) []byte {
	b = append(b, view)
	for i, p := range parts {
		if i > 0 {
			b = append(b, 0)
		}
		b = append(b, p...)
	}
	return b
}

// below is the beginning that the keys under these parts share.
func below(view byte, parts ...string) []byte { return append(key(view, parts...), 0) }

func keyEntry(sequence uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{viewEntry}, sequence)
}

func keyTimeline(subject string, sequence uint64) []byte {
	return binary.BigEndian.AppendUint64(below(viewTimeline, subject), sequence)
}

func keyEvidence(sequence uint64, decision string) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{viewEvidence}, sequence), decision...)
}

// keyTile is where a tile's hashes begin: those of a complete tile stand in this
// row, those of another one each in a row of its own, with a byte more.
func keyTile(level int, tile uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{viewTree, byte(level)}, tile)
}

func keyCountEntries(eventType string) []byte { return key(viewCount, countEntries+eventType) }

func keyCountStates(programme, state string) []byte {
	return key(viewCount, countStates+programme, state)
}

// afterKey is the least key above every key that begins with prefix.
func afterKey(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// number reads the sequence or count that b is.
func number(b []byte) uint64 {
	if len(b) != sequenceLength {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func putNumber(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// valuePosition is the position row's value.
func valuePosition(p Position) []byte {
	return append(putNumber(p.Sequence), p.Hash[:]...)
}

func readPosition(b []byte) (Position, error) {
	var p Position
	if len(b) != sequenceLength+len(p.Hash) {
		return p, errPacked
	}
	p.Sequence = number(b[:sequenceLength])
	copy(p.Hash[:], b[sequenceLength:])
	return p, nil
}

// readEntry splits the value of an entry row. The payload aliases b.
func readEntry(b []byte) (subject string, payload []byte, err error) {
	in := &unpacker{rest: b}
	in.varint()
	subject = string(in.bytes(in.uvarint()))
	if in.bad {
		return "", nil, errPacked
	}
	return subject, in.rest, nil
}

// readLatest is the latest recorded time up to an entry, from its row.
func readLatest(b []byte) (milliseconds int64, err error) {
	in := &unpacker{rest: b}
	if milliseconds = in.varint(); in.bad {
		err = errPacked
	}
	return milliseconds, err
}

// readProgramme splits the value of a programme row. The rules alias b.
func readProgramme(b []byte) (published uint64, rules []byte, err error) {
	if len(b) < sequenceLength {
		return 0, nil, errPacked
	}
	return number(b[:sequenceLength]), b[sequenceLength:], nil
}
