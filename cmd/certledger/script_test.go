package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/script drive the binary as people do. Where
// CERTLEDGER_BIN names one it is that; else it is this test's own binary, which
// then runs main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"certledger": main})
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			root, err := filepath.Abs(filepath.Join("..", ".."))
			if err != nil {
				return err
			}
			e.Setenv("ROOT", root)
			if binary := os.Getenv(envBinary); binary != "" {
				dir := filepath.Join(e.WorkDir, ".bin")
				if err := os.Mkdir(dir, 0o755); err != nil {
					return err
				}
				if err := os.Symlink(binary, filepath.Join(dir, "certledger")); err != nil {
					return err
				}
				e.Setenv("PATH", dir+string(filepath.ListSeparator)+e.Getenv("PATH"))
			}
			return nil
		},
	})
}
