package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/certledger/certledger/api/rehearsal"
	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/certledger/certledger/eventstore"
	"github.com/certledger/certledger/eventstore/checkpoints"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/certledger/certledger/projections"
)

const (
	proofRounds = 20
	proofRound  = 500 // proofs, or leaves by the thousand
	asOfRounds  = 40
	asOfRound   = 20 // queries
	exportRound = 3

	// deriveEntries is the size of the ledger that decisions are derived from,
	// some 22 entries for each.
	deriveEntries = 50_000
)

// leaves measures the tree alone: leaf hashes added to one in memory, against
// the two hashes of 64 bytes and more that no leaf can do without.
func (b *bench) leaves(context.Context) ([]figure, error) {
	b.note("adding leaves")
	var ours, bare []float64
	for round := range proofRounds {
		tree, n := &proof.Tree{}, proofRound*1000/proofRounds
		begun := time.Now()
		for i := range n {
			tree.Append(proof.LeafHash(uint64(i+1), sha256.Sum256(strconv.AppendInt(nil, int64(round), 10))))
		}
		ours = append(ours, float64(n)/time.Since(begun).Seconds())
		begun = time.Now()
		var room [128]byte
		for i := range n {
			sum := sha256.Sum256(strconv.AppendInt(nil, int64(i), 10))
			copy(room[:], sum[:])
			sum = sha256.Sum256(room[:]) // of a leaf
			copy(room[:], sum[:])
			sum = sha256.Sum256(room[:65]) // of a node
			room[0] = sum[0]
		}
		bare = append(bare, float64(n)/time.Since(begun).Seconds())
	}
	return []figure{compare("tree-leaves", "leaves/s", "as many bare hashes", "", ours, bare)}, nil
}

// proofs measures proofs of inclusion from the rows, against the same from a
// tree in memory.
func (b *bench) proofs(ctx context.Context) (out []figure, err error) {
	b.note("proving inclusion")
	err = b.open(ctx, func(ctx context.Context, n *node) error {
		tree := &proof.Tree{}
		err := n.log.Read(ctx, 0, b.entries, func(e eventstore.Stored) error {
			tree.Append(proof.LeafHash(e.Sequence, sha256.Sum256(e.Payload)))
			return nil
		})
		if err != nil {
			return err
		}
		signed, err := b.sign(tree)
		if err != nil {
			return err
		}
		rate := func(from tlog.HashReader) (float64, error) {
			begun := time.Now()
			for range proofRound {
				if _, err := proof.FormatInclusion(from, 1+rand.Uint64N(b.entries), signed); err != nil {
					return 0, err
				}
			}
			return proofRound / time.Since(begun).Seconds(), nil
		}
		var ours, bare []float64
		for round := range proofRounds + 1 {
			mine, err := rate(n.store.Hashes())
			if err != nil {
				return err
			}
			theirs, err := rate(tree)
			if err != nil {
				return err
			}
			if round > 0 {
				ours, bare = append(ours, mine), append(bare, theirs)
			}
		}
		out = []figure{compare("inclusion-proofs", "proofs/s", "from a tree in memory", "", ours, bare)}
		return nil
	})
	return out, err
}

// sign signs a checkpoint of a whole tree.
func (b *bench) sign(tree *proof.Tree) ([]byte, error) {
	keys, err := checkpoints.LoadKeys(b.at.keys())
	if err != nil {
		return nil, err
	}
	root, err := tree.Root(tree.Size())
	if err != nil {
		return nil, err
	}
	signer := keys.Current.Signer
	return proof.Sign(proof.Checkpoint{Origin: signer.Name(), Size: tree.Size(), Root: root}, signer)
}

// derive measures what certverify does with an export of a ledger in which
// everybody is decided on, per core, against only reading and decoding it.
func (b *bench) derive(ctx context.Context) ([]figure, error) {
	b = &bench{at: place(filepath.Join(b.tmp, "decided")), tmp: b.tmp, logger: b.logger, note: b.note, decides: true}
	if _, err := create(ctx, b.at, b.logger); err != nil {
		return nil, err
	}
	if err := b.fill(ctx, deriveEntries, func(string) (func(done, total uint64), func()) { return nil, func() {} }); err != nil {
		return nil, err
	}
	b.note("deriving every decision from an export")
	file, size, tree, err := b.export(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was read
	signed, err := b.sign(tree)
	if err != nil {
		return nil, err
	}
	keys, err := checkpoints.LoadKeys(b.at.keys())
	if err != nil {
		return nil, err
	}
	checkpoint, key := filepath.Join(b.tmp, "checkpoint"), filepath.Join(b.tmp, "ledger.vkey")
	for name, content := range map[string][]byte{checkpoint: signed, key: []byte(keys.Current.Verifier + "\n")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	var ours, bare []float64
	for range exportRound {
		cpu, err := certverify(ctx, "export", file.Name(), "--checkpoint", checkpoint, "--log-key", key, "--jobs", "1")
		if err != nil {
			return nil, err
		}
		ours = append(ours, float64(len(b.people))/cpu.Seconds())
		begun := time.Now()
		if err := decodeLines(file, size); err != nil {
			return nil, err
		}
		bare = append(bare, float64(len(b.people))/time.Since(begun).Seconds())
	}
	return []figure{compare("derive", "decisions/s/core", "decoding the export once", "≥ 2000/s", ours, bare)}, nil
}

// certverify runs the other program, which lies beside this one, on one core,
// and answers with the processor's time that it took.
func certverify(ctx context.Context, args ...string) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(self), "certverify"), args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("run certverify, which must lie beside certledger: %w: %s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// export writes the stored bytes of the ledger as it was filled, a line an entry.
func (b *bench) export(ctx context.Context) (_ *os.File, size int64, _ *proof.Tree, err error) {
	log, err := openLedger(ctx, b.at, b.logger)
	if err != nil {
		return nil, 0, nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	file, err := os.Create(filepath.Join(b.tmp, "export.jsonl"))
	if err != nil {
		return nil, 0, nil, err
	}
	tree, w := &proof.Tree{}, bufio.NewWriterSize(file, 1<<20)
	err = log.Read(ctx, 0, b.entries, func(e eventstore.Stored) error {
		tree.Append(proof.LeafHash(e.Sequence, sha256.Sum256(e.Payload)))
		size += int64(len(e.Payload)) + 1
		_, _ = w.Write(e.Payload)
		return w.WriteByte('\n')
	})
	return file, size, tree, errors.Join(err, w.Flush())
}

func decodeLines(file *os.File, size int64) error {
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	lines := bufio.NewScanner(bufio.NewReaderSize(file, 1<<20))
	lines.Buffer(make([]byte, 1<<20), eventstore.PayloadMax)
	read, n := int64(0), uint64(0)
	for lines.Scan() {
		n++
		read += int64(len(lines.Bytes())) + 1
		if _, err := domain.Decode(n, lines.Bytes()); err != nil {
			return err
		}
	}
	if lines.Err() == nil && read != size {
		return errors.New("the export was cut short")
	}
	return lines.Err()
}

// rehearse measures a rehearsal of the earlier wording on everybody, against
// loading the facts that it needs.
func (b *bench) rehearse(ctx context.Context) (out []figure, err error) {
	b.note("rehearsing")
	src, _ := programmes.Get(benchProgramme + "-1")
	rules, err := programme.Parse(src)
	if err != nil {
		return nil, err
	}
	err = b.open(ctx, func(ctx context.Context, n *node) error {
		v, err := n.store.View()
		if err != nil {
			return err
		}
		var ours, bare []float64
		for range exportRound {
			begun := time.Now()
			counts, err := rehearsal.Run(ctx, v, rehearsal.Question{Rules: rules, At: now()}, func(rehearsal.Mover) error { return nil }, nil)
			if err != nil {
				return errors.Join(err, v.Close())
			}
			ours = append(ours, float64(counts.Registrations)/time.Since(begun).Seconds())
			begun = time.Now()
			for _, id := range b.people {
				if _, err := v.Facts(id); err != nil {
					return errors.Join(err, v.Close())
				}
			}
			bare = append(bare, float64(len(b.people))/time.Since(begun).Seconds())
		}
		out = []figure{compare("rehearsal", "registrations/s", "loading their facts", "", ours, bare)}
		return v.Close()
	})
	return out, err
}

// asOf measures a question on both axes in a ledger of a million entries,
// against the same about the present.
func (b *bench) asOf(ctx context.Context) (out []figure, err error) {
	b.note(fmt.Sprintf("asking as of then, with %d entries", b.entries))
	err = b.open(ctx, func(_ context.Context, n *node) error {
		v, err := n.store.View()
		if err != nil {
			return err
		}
		at := now()
		var ours, bare []float64
		for round := range asOfRounds + 1 {
			begun := time.Now()
			for range asOfRound {
				if err := askAsOf(v, b.people[rand.IntN(len(b.people))], at); err != nil {
					return errors.Join(err, v.Close())
				}
			}
			then := time.Since(begun)
			begun = time.Now()
			for range asOfRound {
				f, err := v.Facts(b.people[rand.IntN(len(b.people))])
				if err != nil {
					return errors.Join(err, v.Close())
				}
				domain.Assess(f.Programme, f, at)
			}
			if present := time.Since(begun); round > 0 {
				ours = append(ours, micros(then)/asOfRound/1000)
				bare = append(bare, micros(present)/asOfRound/1000)
			}
		}
		out = []figure{compare("as-of", "ms", "the same about the present", "≤ 5 ms", ours, bare)}
		return v.Close()
	})
	return out, err
}

// askAsOf asks what was known at a time about another.
func askAsOf(v *projections.View, registration string, known time.Time) error {
	until, err := v.SequenceAt(known)
	if err != nil {
		return err
	}
	f, err := v.FactsAt(registration, until)
	if err != nil {
		return err
	}
	domain.Assess(f.Programme, f, known.AddDate(0, -3, 0))
	return nil
}
