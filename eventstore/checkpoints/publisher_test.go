package checkpoints

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	fnote "github.com/transparency-dev/formats/note"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/eventstore/proof"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ctx   = context.Background()
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

// ledger is a tree that grows, with a place for keys and one for checkpoints.
type ledger struct {
	t    *testing.T
	keys string
	dir  string

	mu   sync.Mutex // protects tree
	tree *proof.Tree
}

func newLedger(t *testing.T, entries int) *ledger {
	l := &ledger{t: t, keys: t.TempDir(), dir: filepath.Join(t.TempDir(), "published"), tree: &proof.Tree{}}
	_, err := CreateKey(l.keys, "certledger/test")
	require.NoError(t, err)
	require.NoError(t, Create(l.dir))
	l.grow(entries)
	return l
}

func payload(n int) [32]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func (l *ledger) grow(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		s := l.tree.Size() + 1
		l.tree.Append(proof.LeafHash(s, payload(int(s))))
	}
}

// made is a tree of other entries: those up to a size, one of them altered.
func made(size, altered int) *proof.Tree {
	t := &proof.Tree{}
	for s := 1; s <= size; s++ {
		p := payload(s)
		if s == altered {
			p = payload(-s)
		}
		t.Append(proof.LeafHash(uint64(s), p))
	}
	return t
}

func (l *ledger) config() Config {
	keys, err := LoadKeys(l.keys)
	require.NoError(l.t, err)
	return Config{
		Dir: l.dir, Keys: keys, Logger: quiet, Interval: time.Hour,
		Tree: func(_ context.Context, do func(Tree) error) error {
			l.mu.Lock()
			defer l.mu.Unlock()
			return do(Tree{Size: l.tree.Size(), Hashes: l.tree})
		},
	}
}

func (l *ledger) open(change ...func(*Config)) *Publisher {
	c := l.config()
	for _, f := range change {
		f(&c)
	}
	p, err := Open(c)
	require.NoError(l.t, err)
	l.t.Cleanup(func() { _ = p.Close() })
	return p
}

func (l *ledger) policy() *proof.Policy {
	keys, err := LoadKeys(l.keys)
	require.NoError(l.t, err)
	p, err := proof.NewPolicy(proof.Trust{LogKeys: []string{keys.Current.Verifier}})
	require.NoError(l.t, err)
	return p
}

func TestPublishedCheckpointsGrow(t *testing.T) {
	l := newLedger(t, 5)
	p := l.open()
	require.NoError(t, p.Check(ctx))
	require.Nil(t, p.Latest().Signed)
	first, err := p.Publish(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(5), first.Size)
	opened, err := l.policy().Open(first.Signed)
	require.NoError(t, err)
	require.Equal(t, first.Checkpoint, opened.Checkpoint)

	again, err := p.Publish(ctx)
	require.NoError(t, err)
	require.Equal(t, first, again, "nothing is new")

	l.grow(9000) // more than are kept at a time
	second, err := p.Publish(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(9005), second.Size)
	onDisk, err := os.ReadFile(filepath.Join(l.dir, "checkpoint"))
	require.NoError(t, err)
	require.Equal(t, second.Signed, onDisk)
	leaves, err := os.ReadFile(filepath.Join(l.dir, "leaves"))
	require.NoError(t, err)
	require.Len(t, leaves, 9005*32)

	require.NoError(t, p.Close())
	p = l.open()
	require.Equal(t, second, p.Latest(), "it is there after a start")
	require.NoError(t, p.Check(ctx))
}

// What was signed is forgotten by nobody who opens the place, or who takes the
// checkpoint away.
func TestAPlaceIsNeverMadeByOpening(t *testing.T) {
	l := newLedger(t, 100)
	_, err := l.open().Publish(ctx)
	require.NoError(t, err)
	moved := l.config()
	moved.Dir = filepath.Join(t.TempDir(), "unmounted")
	_, err = Open(moved)
	require.ErrorIs(t, err, ErrNoPlace)
	require.NoDirExists(t, moved.Dir)
	require.Error(t, Create(l.dir), "one that is there stays")

	whole := l.dir
	for _, tree := range []*proof.Tree{made(100, 40), made(90, 0)} {
		l.dir = whole
		l.reopen(tree)
		require.NoError(t, os.Remove(filepath.Join(l.dir, "checkpoint")))
		p := l.open()
		require.Error(t, p.Check(ctx))
		require.Error(t, p.Err())
		_, err = p.Publish(ctx)
		require.Error(t, err)
	}
}

func TestOnePublisherAtATime(t *testing.T) {
	l := newLedger(t, 1)
	l.open()
	_, err := Open(l.config())
	require.ErrorIs(t, err, ErrInUse)
}

func TestALedgerThatLostItsEndIsNotSigned(t *testing.T) {
	l := newLedger(t, 1200)
	_, err := l.open().Publish(ctx)
	require.NoError(t, err)
	l.reopen(made(1150, 0))
	p := l.open()
	err = p.Check(ctx)
	var lost *RolledBackError
	require.ErrorAs(t, err, &lost)
	require.Equal(t, &RolledBackError{Published: 1200, Head: 1150}, lost)
	require.Contains(t, err.Error(), "entries 1151 to 1200 are missing")
	require.Equal(t, err, p.Err())
	l.grow(100) // another history grows past the checkpoint
	_, err = p.Publish(ctx)
	require.ErrorAs(t, err, &lost, "it stays so")
	_, err = p.Cover(ctx, 1201)
	require.ErrorAs(t, err, &lost)
}

// reopen gives up the lock of the publisher before, and lets the tree be another.
func (l *ledger) reopen(tree *proof.Tree) {
	l.tree = tree
	l.dir = copyOf(l.t, l.dir)
}

func copyOf(t *testing.T, dir string) string {
	to := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

func TestAnAlteredEntryIsNamed(t *testing.T) {
	for _, altered := range []int{1, 700, 1200} {
		for _, size := range []int{1200, 1500} {
			l := newLedger(t, 1200)
			_, err := l.open().Publish(ctx)
			require.NoError(t, err)
			l.reopen(made(size, altered))
			want := &AlteredError{Published: 1200, Sequence: uint64(altered)}
			p := l.open()
			var got *AlteredError
			require.ErrorAs(t, p.Check(ctx), &got)
			require.Equal(t, want, got)
			require.Contains(t, got.Error(), "entry "+strconv.Itoa(altered)+" is not the one that was there")
			if size > 1200 {
				l.reopen(l.tree)
				p = l.open()
				_, err = p.Publish(ctx)
				require.ErrorAs(t, err, &got, "without a check it is not signed either")
				require.Equal(t, want, got)
				require.Error(t, p.Err())
			}
		}
	}
}

// A tail that was cut off, and an entry before it that was altered.
func TestAnAlteredEntryBeforeALostEndIsNamedFirst(t *testing.T) {
	l := newLedger(t, 100)
	_, err := l.open().Publish(ctx)
	require.NoError(t, err)
	l.reopen(made(90, 17))
	var altered *AlteredError
	require.ErrorAs(t, l.open().Check(ctx), &altered)
	require.Equal(t, uint64(17), altered.Sequence)
}

func TestDamagedLeavesAccuseNobody(t *testing.T) {
	l := newLedger(t, 100)
	_, err := l.open().Publish(ctx)
	require.NoError(t, err)
	l.reopen(made(100, 50))
	leaves := filepath.Join(l.dir, "leaves")
	b, err := os.ReadFile(leaves)
	require.NoError(t, err)
	b[10*32] ^= 1
	require.NoError(t, os.WriteFile(leaves, b, 0o600))
	var altered *AlteredError
	require.ErrorAs(t, l.open().Check(ctx), &altered)
	require.Zero(t, altered.Sequence)
	require.Contains(t, altered.Error(), "cannot be told")
}

func TestLostLeavesAreMadeAgain(t *testing.T) {
	l := newLedger(t, 5000)
	_, err := l.open().Publish(ctx)
	require.NoError(t, err)
	l.reopen(l.tree)
	leaves := filepath.Join(l.dir, "leaves")
	before, err := os.ReadFile(leaves)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(leaves, 33))
	require.NoError(t, l.open().Check(ctx))
	after, err := os.ReadFile(leaves)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestAForeignCheckpointIsNotTaken(t *testing.T) {
	l, other := newLedger(t, 10), newLedger(t, 10)
	_, err := other.open().Publish(ctx)
	require.NoError(t, err)
	l.dir = copyOf(t, other.dir)
	_, err = Open(l.config())
	require.ErrorIs(t, err, ErrForeign)

	name := filepath.Join(l.dir, "checkpoint")
	for _, bad := range []string{"", "certledger/test\n10\n", strings.Repeat("x", proof.CheckpointMax+1)} {
		require.NoError(t, os.WriteFile(name, []byte(bad), 0o600))
		_, err = Open(l.config())
		require.Error(t, err)
	}
}

func TestWhoeverPublishesElsewhereIsNoticed(t *testing.T) {
	l := newLedger(t, 10)
	p := l.open()
	_, err := p.Publish(ctx)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(l.dir, "checkpoint")))
	l.grow(1)
	_, err = p.Publish(ctx)
	require.ErrorIs(t, err, ErrSwapped)
	require.ErrorIs(t, p.Err(), ErrSwapped)
}

func TestCoverWaitsForACheckpoint(t *testing.T) {
	l := newLedger(t, 3)
	p := l.open()
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(run) }()
	for range 20 {
		l.grow(1)
		size := l.tree.Size()
		got, err := p.Cover(ctx, size)
		require.NoError(t, err)
		require.GreaterOrEqual(t, got.Size, size)
	}
	l.grow(1000)
	p.Grown(l.tree.Size())
	require.Eventually(t, func() bool { return p.Latest().Size == l.tree.Size() }, 10*time.Second, time.Millisecond)

	short, cancel := context.WithCancel(ctx)
	cancel()
	_, err := p.Cover(short, l.tree.Size()+1)
	require.ErrorIs(t, err, context.Canceled)
	stop()
	require.NoError(t, <-done)
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	_, err := LoadKeys(dir)
	require.ErrorIs(t, err, ErrNoKey)
	_, err = CreateNextKey(dir)
	require.ErrorIs(t, err, ErrNoKey)
	_, err = CreateKey(dir, "a name with spaces")
	require.Error(t, err)
	first, err := CreateKey(dir, "certledger/test")
	require.NoError(t, err)
	_, err = CreateKey(dir, "certledger/test")
	require.ErrorIs(t, err, ErrKeyExists)
	info, err := os.Stat(filepath.Join(dir, "log.key"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	_, err = FinishRotation(dir, t.TempDir())
	require.ErrorIs(t, err, ErrNoKey)
	next, err := CreateNextKey(dir)
	require.NoError(t, err)
	require.NotEqual(t, first.Verifier, next.Verifier)
	_, err = FinishRotation(dir, t.TempDir())
	require.ErrorIs(t, err, ErrNoPlace)
	place := t.TempDir()
	require.NoError(t, Create(place))
	_, err = FinishRotation(dir, place)
	require.ErrorIs(t, err, ErrNotSigned, "nothing was signed with it")
	keys, err := LoadKeys(dir)
	require.NoError(t, err)
	require.Equal(t, first.Verifier, keys.Current.Verifier)

	secret := "PRIVATE+KEY+certledger/test+00000000+AAAA"
	for _, bad := range []string{"", secret, secret + "\n" + first.Verifier + "\n", secret + "\n\n\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "log.key"), []byte(bad), 0o600))
		_, err = LoadKeys(dir)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "PRIVATE", "no error repeats a key")
	}
}

func TestDuringARotationBothKeysSign(t *testing.T) {
	l := newLedger(t, 3)
	next, err := CreateNextKey(l.keys)
	require.NoError(t, err)
	announced := false
	p := l.open(func(c *Config) {
		c.Rotated = func(verifier string) (bool, error) { return announced && verifier == next.Verifier, nil }
	})
	before, err := p.Publish(ctx)
	require.NoError(t, err)
	_, err = l.policy().Open(before.Signed)
	require.NoError(t, err, "prepared, not announced: one signature")
	_, err = FinishRotation(l.keys, l.dir)
	require.ErrorIs(t, err, ErrNotSigned)
	signed, err := SignedLast(l.dir, next)
	require.NoError(t, err)
	require.False(t, signed)

	announced = true
	l.grow(1)
	during, err := p.Publish(ctx)
	require.NoError(t, err)
	old, err := LoadKeys(l.keys)
	require.NoError(t, err)
	both, err := proof.NewPolicy(proof.Trust{LogKeys: []string{old.Current.Verifier, next.Verifier}})
	require.NoError(t, err)
	both.AllLogKeys = true
	_, err = both.Open(during.Signed)
	require.NoError(t, err)
	verifiers, err := p.Verifiers()
	require.NoError(t, err)
	require.Equal(t, []string{old.Current.Verifier, next.Verifier}, verifiers)

	require.NoError(t, p.Close())
	signed, err = SignedLast(l.dir, next)
	require.NoError(t, err)
	require.True(t, signed)
	former, err := FormerVerifiers(l.keys)
	require.NoError(t, err)
	require.Empty(t, former)
	_, err = FinishRotation(l.keys, l.dir)
	require.NoError(t, err)
	former, err = FormerVerifiers(l.keys)
	require.NoError(t, err)
	require.Equal(t, []string{old.Current.Verifier}, former)
	_, err = SignedLast(filepath.Join(t.TempDir(), "nowhere"), next)
	require.ErrorIs(t, err, ErrNoPlace)
	l.grow(1)
	after, err := l.open().Publish(ctx)
	require.NoError(t, err)
	alone, err := proof.NewPolicy(proof.Trust{LogKeys: []string{next.Verifier}})
	require.NoError(t, err)
	_, err = alone.Open(after.Signed)
	require.NoError(t, err)
}

// Where another set of keys signs, the same tree is signed again at once.
func TestTheLatestCheckpointIsSignedByThoseWhoSignNow(t *testing.T) {
	l := newLedger(t, 3)
	next, err := CreateNextKey(l.keys)
	require.NoError(t, err)
	rotated := func(c *Config) { c.Rotated = func(string) (bool, error) { return true, nil } }
	p := l.open()
	_, err = p.Publish(ctx)
	require.NoError(t, err)
	require.NoError(t, p.Close())
	p = l.open(rotated)
	_, err = p.Publish(ctx)
	require.NoError(t, err)
	require.NoError(t, p.Close())
	_, err = FinishRotation(l.keys, l.dir)
	require.NoError(t, err)
	got, err := l.open().Publish(ctx)
	require.NoError(t, err)
	alone, err := proof.NewPolicy(proof.Trust{LogKeys: []string{next.Verifier}})
	require.NoError(t, err)
	_, err = alone.Open(got.Signed)
	require.NoError(t, err, "only the new key's signature is left")
}

// cosigner is a witness as C2SP tlog-witness has it, for one log.
type cosigner struct {
	t      *testing.T
	log    *proof.Policy
	signer *fnote.Signer
	vkey   string
	last   proof.Checkpoint
	asked  int
	answer int // instead of what is right; 0 for none
}

func newCosigner(t *testing.T, name string, log *proof.Policy) (*cosigner, string) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	require.NoError(t, err)
	w := &cosigner{t: t, log: log}
	w.signer, err = fnote.NewSignerForCosignatureV1(skey)
	require.NoError(t, err)
	w.vkey, err = fnote.VKeyToCosignatureV1(vkey)
	require.NoError(t, err)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return w, server.URL
}

func (w *cosigner) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	require.Equal(w.t, "/add-checkpoint", r.URL.Path)
	if w.asked++; w.answer != 0 {
		out.WriteHeader(w.answer)
		return
	}
	b, err := io.ReadAll(r.Body)
	require.NoError(w.t, err)
	head, signed, _ := strings.Cut(string(b), "\n\n")
	lines := strings.Split(head, "\n")
	size, err := strconv.ParseUint(strings.TrimPrefix(lines[0], "old "), 10, 64)
	require.NoError(w.t, err)
	if size != w.last.Size {
		out.WriteHeader(http.StatusConflict)
		_, _ = out.Write([]byte(strconv.FormatUint(w.last.Size, 10) + "\n"))
		return
	}
	c, err := w.log.Open([]byte(signed))
	require.NoError(w.t, err)
	var between tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		require.NoError(w.t, err)
		between = append(between, h)
	}
	if proof.VerifyConsistency(w.last, c.Checkpoint, between) != nil && w.last.Size > 0 {
		out.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	cosigned, err := note.Sign(&note.Note{Text: text + "\n"}, w.signer)
	require.NoError(w.t, err)
	w.last = c.Checkpoint
	_, line, _ := strings.Cut(string(cosigned), "\n\n")
	_, _ = out.Write([]byte(line))
}

func (l *ledger) witnessed(quorum string, lines ...string) func(*Config) {
	keys, err := LoadKeys(l.keys)
	require.NoError(l.t, err)
	text := "log " + keys.Current.Verifier + "\n" + strings.Join(lines, "\n") + "\nquorum " + quorum + "\n"
	policy, err := proof.ParsePolicy([]byte(text))
	require.NoError(l.t, err)
	return func(c *Config) { c.Policy = policy }
}

func TestWitnessesCosign(t *testing.T) {
	l := newLedger(t, 7)
	a, aURL := newCosigner(t, "witness.example/a", l.policy())
	b, bURL := newCosigner(t, "witness.example/b", l.policy())
	change := l.witnessed("both", "witness a "+a.vkey+" "+aURL, "witness b "+b.vkey+" "+bURL, "group both all a b")
	p := l.open(change)
	for range 3 {
		got, err := p.Publish(ctx)
		require.NoError(t, err)
		opened, err := p.cfg.Policy.Open(got.Signed)
		require.NoError(t, err)
		require.Len(t, opened.Cosignatures, 2)
		require.Equal(t, got.Checkpoint, a.last)
		l.grow(30)
	}
	require.NoError(t, p.Close())
	p = l.open(change) // it does not remember what the witnesses have
	asked := a.asked
	_, err := p.Publish(ctx)
	require.NoError(t, err)
	require.Equal(t, asked+2, a.asked, "told so, it asks again from there")

	b.answer = http.StatusInternalServerError
	l.grow(1)
	_, err = p.Publish(ctx)
	require.ErrorIs(t, err, proof.ErrQuorum)
	require.NoError(t, p.Err(), "it may pass")
	b.answer = 0
	_, err = p.Publish(ctx)
	require.NoError(t, err)
}

func TestAWitnessThatKnowsAnotherHistoryRaisesAnAlarm(t *testing.T) {
	l := newLedger(t, 7)
	w, url := newCosigner(t, "witness.example/a", l.policy())
	change := l.witnessed("a", "witness a "+w.vkey+" "+url)
	_, err := l.open(change).Publish(ctx)
	require.NoError(t, err)

	forked := newLedger(t, 0)
	forked.keys = l.keys
	forked.tree = made(9, 3) // everything was restored, the place of checkpoints too
	p := forked.open(change)
	_, err = p.Publish(ctx)
	require.ErrorIs(t, err, ErrAlarm)
	require.ErrorIs(t, p.Err(), ErrAlarm)

	back := newLedger(t, 5)
	back.keys = l.keys
	_, err = back.open(change).Publish(ctx)
	require.ErrorIs(t, err, ErrAlarm, "the witness has seen more")
}

// A folder's name is a name and no pattern.
func TestKeysThatWereTakenAwayAreFoundInAnyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys[1")
	k, err := CreateKey(dir, "ledger.example/school")
	require.NoError(t, err)
	require.NoError(t, os.Rename(filepath.Join(dir, currentName), filepath.Join(dir, "log.0123abcd"+formerSuffix)))
	former, err := FormerVerifiers(dir)
	require.NoError(t, err)
	require.Equal(t, []string{k.Verifier}, former)
}
