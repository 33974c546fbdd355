package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	envPrefix = "CERTLEDGER_"
	envConfig = "CERTLEDGER_CONFIG"
	envBinary = "CERTLEDGER_BIN" // which binary the tests drive
)

// settings gives every flag that was not given a value from the environment or,
// failing that, from the file. A key is the flag's name; one that no command has
// is refused, so that a slip of the hand is not a setting that silently lacks.
func (a *app) settings(cmd *cobra.Command) error {
	known := a.settingKeys(cmd.Root())
	if err := a.checkEnvironment(known); err != nil {
		return err
	}
	if a.config == "" {
		a.config, _ = a.lookup(envConfig)
	}
	file, err := readSettings(a.config, known)
	if err != nil {
		return err
	}
	a.given = map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { a.given[f.Name] = true })
	var problems []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || !slices.Contains(known, f.Name) {
			return
		}
		if value, ok := a.lookup(envName(f.Name)); ok && value != "" {
			if err := set(f, value); err != nil {
				problems = append(problems, usage("%s: %s", envName(f.Name), err))
			}
		} else if value, ok := file[f.Name]; ok {
			if err := set(f, value); err != nil {
				problems = append(problems, usage("%s: %s: %s", a.config, f.Name, err))
			}
		}
	})
	return errors.Join(problems...)
}

func set(f *pflag.Flag, value string) error {
	if err := f.Value.Set(value); err != nil {
		_, says := pflag.UnquoteUsage(f)
		return fmt.Errorf("%q is not a value for --%s: %s", value, f.Name, says)
	}
	f.Changed = true
	return nil
}

// settingKeys are the flags that may be set from outside, sorted.
func (a *app) settingKeys(root *cobra.Command) []string {
	var keys []string
	for _, c := range every(root) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" && f.Name != "config" {
				keys = append(keys, f.Name)
			}
		})
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// checkEnvironment refuses a variable that is one slip away from a setting.
// Others are left alone: an orchestrator may name its own after this program.
func (a *app) checkEnvironment(known []string) error {
	names := []string{envConfig, envBinary}
	for _, k := range known {
		names = append(names, envName(k))
	}
	for _, line := range a.environ() {
		name, _, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(names, name) {
			continue
		}
		for _, n := range names {
			if oneSlip(name, n) {
				return usage("the environment sets %s, which is no setting; did you mean %s?", name, n)
			}
		}
	}
	return nil
}

// oneSlip reports whether one letter added, left out or replaced, or two
// neighbours swapped, make a into b.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(b)-len(a) == 1 {
		return a[i:] == b[i+1:]
	}
	if len(a) != len(b) || i == len(a) {
		return false
	}
	swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	return swapped || a[i+1:] == b[i+1:]
}

// readSettings reads the YAML file; an empty path is no file.
func readSettings(path string, known []string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("the settings cannot be read: %s", plain(err))
	}
	var values map[string]any
	if err := yaml.UnmarshalWithOptions(src, &values, yaml.Strict()); err != nil {
		return nil, usage("%s is not a YAML table of settings: %s", path, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	out := map[string]string{}
	for key, value := range values {
		if !slices.Contains(known, key) {
			return nil, usage("%s sets %q, which is no setting; there are %s", path, key, strings.Join(known, ", "))
		}
		switch v := value.(type) {
		case string, bool, int, int64, uint64:
			out[key] = fmt.Sprint(v)
		case []any:
			var items []string
			for _, item := range v {
				items = append(items, fmt.Sprint(item))
			}
			out[key] = strings.Join(items, ",")
		default:
			return nil, usage("%s: %s must be one value", path, key)
		}
	}
	return out, nil
}
