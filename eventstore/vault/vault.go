package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// Config says where a vault lies.
type Config struct {
	// Dir holds the wrapped keys. Required; mode 0700.
	Dir string

	// KeysDir holds the key files; others may keep theirs there. Required, not
	// Dir; mode 0700, the files 0600.
	KeysDir string

	// Logger is told what the store says about its files. Nil discards it.
	Logger *slog.Logger
}

func (c Config) check() (Config, error) {
	if c.Dir == "" || c.KeysDir == "" || filepath.Clean(c.Dir) == filepath.Clean(c.KeysDir) {
		return c, errors.New("vault: Dir and KeysDir must be two directories")
	}
	c.Dir, c.KeysDir = filepath.Clean(c.Dir), filepath.Clean(c.KeysDir)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

const (
	firstEpoch      = 1
	firstGeneration = 1

	// stripes is how many people can get new keys at once; a power of two.
	stripes = 64
)

// Vault is safe for use by several goroutines. It starts none of its own.
type Vault struct {
	db *pebble.DB

	// Written by Open and, but for the KEKs, by nobody after.
	ledgerKey       keyBytes
	keks            map[uint32]cipher.AEAD // by epoch; Close empties it
	epoch           uint32                 // new keys are wrapped under it
	indexKey        keyBytes
	indexGeneration uint32

	// life is held for reading by every call and for writing by Close.
	life   sync.RWMutex
	closed bool // guarded by life

	// making orders, for one person, reading keys and fences from disk and
	// writing them. Which one: Vault.stripe.
	making [stripes]sync.Mutex

	cache *keyCache
}

// Create makes a vault and opens it. It refuses with ErrExists if the directory
// holds anything, or if either key file is there: a ledger may rest on it. A
// crash leaves key files that nothing rests on yet; the next Create or Open
// says which.
func Create(cfg Config) (*Vault, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(cfg.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%w: %s is not empty", ErrExists, cfg.Dir)
	}
	for _, path := range []string{ledgerKeyPath(cfg.KeysDir), kekPath(cfg.KeysDir, firstEpoch)} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %s: a ledger may rest on it", ErrExists, path)
		}
	}
	if err := errors.Join(makePrivateDir(cfg.KeysDir), makePrivateDir(cfg.Dir)); err != nil {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	if err := createRows(cfg); err != nil {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	return Open(cfg)
}

func createRows(cfg Config) error {
	ledger, kek, index := newKeyBytes(), newKeyBytes(), newKeyBytes()
	defer clear(ledger[:])
	defer clear(kek[:])
	defer clear(index[:])
	if err := writeKeyFile(ledgerKeyPath(cfg.KeysDir), ledgerKeyName, 0, &ledger); err != nil {
		return err
	}
	if err := writeKeyFile(kekPath(cfg.KeysDir, firstEpoch), kekName, firstEpoch, &kek); err != nil {
		return err
	}
	if err := syncDir(cfg.KeysDir); err != nil {
		return err
	}
	db, err := openStore(cfg.Dir, true, cfg.Logger)
	if err != nil {
		return err
	}
	meta, err := json.Marshal(metaRow{Form: rowForm, LedgerKey: keyCommitment(&ledger, ledgerKeyName)})
	if err != nil {
		panic("vault: " + err.Error())
	}
	epoch, err := json.Marshal(epochRow{State: epochCurrent, Commitment: keyCommitment(&kek, kekName)})
	if err != nil {
		panic("vault: " + err.Error())
	}
	wrapped := newAEAD(&kek).Seal(nil, nil, index[:], ownKeyData(indexKeyName, firstGeneration, firstEpoch))
	b := db.NewBatch()
	err = errors.Join(
		b.Set(metaKey, meta, nil),
		b.Set(epochKey(firstEpoch), epoch, nil),
		b.Set(ownKeyKey(indexKeyName, firstGeneration), keyRowValue(firstEpoch, wrapped), nil),
	)
	if err == nil {
		err = commit(b)
	}
	return errors.Join(err, b.Close(), db.Close())
}

// Open opens a vault that Create made. Its refusals are ErrMissing,
// ErrIncomplete, ErrLocked, ErrMode, ErrKeyMissing, ErrKeyFile, ErrKeyWrong,
// ErrFormat and ErrDamaged. Whoever opens a ledger's vault calls Fence with the
// ledger's fences before serving: the vault may be an older copy.
func Open(cfg Config) (*Vault, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	ok, err := hasStore(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrMissing, cfg.Dir)
	}
	if err := checkPrivateDir(cfg.Dir); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if err := checkPrivate(cfg.KeysDir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open vault: %w: %s", ErrKeyMissing, cfg.KeysDir)
	} else if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	db, err := openStore(cfg.Dir, false, cfg.Logger)
	if err != nil {
		return nil, err
	}
	v := &Vault{db: db, keks: map[uint32]cipher.AEAD{}, cache: newKeyCache(keysCachedMax)}
	err = v.readMeta(cfg)
	if err == nil {
		err = v.readEpochs(cfg.KeysDir)
	}
	if err == nil {
		err = v.readIndexKey()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open vault %s: %w", cfg.Dir, err), v.Close())
	}
	return v, nil
}

func (v *Vault) readMeta(cfg Config) error {
	b, ok, err := get(v.db, metaKey)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: nothing was sealed: remove %s, %s and %s, and create it again", ErrIncomplete,
			cfg.Dir, ledgerKeyPath(cfg.KeysDir), kekPath(cfg.KeysDir, firstEpoch))
	}
	var m metaRow
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("%w: meta", ErrDamaged)
	}
	if m.Form != rowForm {
		return fmt.Errorf("%w: %d", ErrFormat, m.Form)
	}
	path := ledgerKeyPath(cfg.KeysDir)
	if v.ledgerKey, err = readKeyFile(path, ledgerKeyName, 0); err != nil {
		return err
	}
	if !hmac.Equal([]byte(m.LedgerKey), []byte(keyCommitment(&v.ledgerKey, ledgerKeyName))) {
		return fmt.Errorf("%w: %s", ErrKeyWrong, path)
	}
	return nil
}

func (v *Vault) readEpochs(keysDir string) error {
	err := each(v.db, []byte{tableEpoch}, func(key, value []byte) error {
		var e epochRow
		if json.Unmarshal(value, &e) != nil || len(key) != 4 {
			return fmt.Errorf("%w: epoch", ErrDamaged)
		}
		epoch := binary.BigEndian.Uint32(key)
		switch e.State {
		case epochDestroyed:
			return nil
		case epochCurrent:
			if v.epoch != 0 {
				return fmt.Errorf("%w: two current epochs", ErrDamaged)
			}
			v.epoch = epoch
		case epochRetiring:
		default:
			return fmt.Errorf("%w: epoch", ErrFormat)
		}
		path := kekPath(keysDir, epoch)
		kek, err := readKeyFile(path, kekName, epoch)
		if err != nil {
			return err
		}
		defer clear(kek[:])
		if !hmac.Equal([]byte(e.Commitment), []byte(keyCommitment(&kek, kekName))) {
			return fmt.Errorf("%w: %s", ErrKeyWrong, path)
		}
		v.keks[epoch] = newAEAD(&kek)
		return nil
	})
	if err == nil && v.epoch == 0 {
		err = fmt.Errorf("%w: no current epoch", ErrDamaged)
	}
	return err
}

func (v *Vault) readIndexKey() error {
	key, value, err := last(v.db, ownKeyPrefix(indexKeyName))
	if err != nil {
		return err
	}
	if len(key) != 4 {
		return fmt.Errorf("%w: index key", ErrDamaged)
	}
	epoch, wrapped, err := parseKeyRowValue(value)
	if err != nil {
		return fmt.Errorf("%w: index key", err)
	}
	v.indexGeneration = binary.BigEndian.Uint32(key)
	v.indexKey, err = v.unwrap(epoch, wrapped, ownKeyData(indexKeyName, v.indexGeneration, epoch))
	if err != nil {
		return fmt.Errorf("%w: index key", err)
	}
	return nil
}

// Close waits for calls under way and closes the store. Closing again does
// nothing.
func (v *Vault) Close() error {
	v.life.Lock()
	defer v.life.Unlock()
	if v.closed {
		return nil
	}
	v.closed = true
	v.cache.clear()
	clear(v.keks)
	clear(v.indexKey[:])
	if err := v.db.Close(); err != nil {
		return fmt.Errorf("close vault: %w", err)
	}
	return nil
}

// enter keeps the vault open until leave.
func (v *Vault) enter() error {
	v.life.RLock()
	if v.closed {
		v.life.RUnlock()
		return ErrClosed
	}
	return nil
}

func (v *Vault) leave() { v.life.RUnlock() }

func (v *Vault) stripe(p personID) *sync.Mutex { return &v.making[p[0]%stripes] }

// newAEAD draws a nonce per message. At 2^32 messages a key NIST asks for
// another; no person's group comes near.
func newAEAD(key *keyBytes) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("vault: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("vault: " + err.Error())
	}
	return aead
}

func ownKeyData(name string, generation, epoch uint32) []byte {
	b := appendPart(nil, labelOwnWrapped)
	b = appendPart(b, name)
	return appendNumber(appendNumber(b, generation), epoch)
}

func (v *Vault) unwrap(epoch uint32, wrapped, data []byte) (key keyBytes, err error) {
	kek, ok := v.keks[epoch]
	if !ok {
		return key, ErrDamaged
	}
	raw, err := kek.Open(nil, nil, wrapped, data)
	if err != nil || len(raw) != keySize {
		return key, ErrDamaged
	}
	copy(key[:], raw)
	clear(raw)
	return key, nil
}
