// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Patterns: a part of regular expressions that means the same here and in Python and cannot run away.
// What they may hold, and why: plugin_utils/rules/pattern.py.

using System;
using System.Collections.Generic;
using System.Text;

namespace MimSync.SharePoint.Rules
{
    /// <summary>The pattern is none, or the search takes too long.</summary>
    internal sealed class PatternProblem : Exception
    {
        public PatternProblem(string message)
            : base(message)
        {
        }
    }

    internal enum Operation
    {
        Set,
        Split,
        Jump,
        Save,
        Assert,
        Match,
    }

    /// <summary>One step of a pattern's program; `One` and `Other` are places, a slot, or the kind of an edge.</summary>
    internal sealed class Instruction
    {
        public Operation Operation;
        public int One;
        public int Other;
        public List<int[]> Ranges;
        public bool Negated;

        public bool Takes(int code)
        {
            foreach (int[] range in Ranges)
            {
                if (range[0] <= code && code <= range[1])
                {
                    return !Negated;
                }
            }
            return Negated;
        }
    }

    /// <summary>A pattern that is ready for searching. Spans are starts and ends of groups in code points; -1 for none.</summary>
    internal sealed class Pattern
    {
        public const int EdgeStart = 0;
        public const int EdgeEnd = 1;
        public const int EdgeWord = 2;

        private readonly bool ignoreCase;
        private readonly List<Instruction> program;

        public Pattern(string text, bool ignoreCase)
        {
            this.ignoreCase = ignoreCase;
            var parser = new PatternParser(text, ignoreCase);
            program = parser.Program();
            Groups = parser.Groups;
        }

        public int Groups { get; private set; }

        /// <summary>All matches from left to right that do not overlap.</summary>
        public IEnumerable<int[]> Matches(string text, long limit)
        {
            int[] codes = RuleText.Codes(ignoreCase ? RuleText.Upper(text) : text);
            var budget = new Budget(limit);
            int at = 0;
            while (at <= codes.Length)
            {
                int[] found = new PatternSearch(program, Groups, codes, budget).Run(at);
                if (found == null)
                {
                    yield break;
                }
                yield return found;
                at = found[1] > found[0] ? found[1] : found[1] + 1;
            }
        }

        public int[] First(string text, long limit)
        {
            foreach (int[] spans in Matches(text, limit))
            {
                return spans;
            }
            return null;
        }

        public string Replace(string text, List<object> parts, long limit)
        {
            int[] codes = RuleText.Codes(text);
            var result = new StringBuilder();
            int at = 0;
            foreach (int[] spans in Matches(text, limit))
            {
                result.Append(RuleText.Text(codes, at, spans[0]));
                foreach (object part in parts)
                {
                    result.Append(part as string ?? Group(codes, spans, (int)part));
                }
                at = spans[1];
            }
            return result.Append(RuleText.Text(codes, at, codes.Length)).ToString();
        }

        public static string Group(int[] codes, int[] spans, int number)
        {
            int start = spans[2 * number];
            int end = spans[2 * number + 1];
            return start >= 0 && end >= 0 ? RuleText.Text(codes, start, end) : string.Empty;
        }

        /// <summary>Literal texts and numbers of groups.</summary>
        public List<object> Replacement(string text)
        {
            var parts = new List<object>();
            int at = 0;
            while (at < text.Length)
            {
                int sign = text.IndexOf('$', at);
                if (sign < 0)
                {
                    parts.Add(text.Substring(at));
                    break;
                }
                if (sign > at)
                {
                    parts.Add(text.Substring(at, sign - at));
                }
                char following = sign + 1 < text.Length ? text[sign + 1] : ' ';
                if (following == '$')
                {
                    parts.Add("$");
                }
                else if (following >= '0' && following <= '9' && following - '0' <= Groups)
                {
                    parts.Add(following - '0');
                }
                else
                {
                    throw new PatternProblem("'$" + following + "' in the replacement is no group of the pattern");
                }
                at = sign + 2;
            }
            return parts;
        }
    }

    /// <summary>Steps that are left for all searches in one text.</summary>
    internal sealed class Budget
    {
        private long left;

        public Budget(long limit)
        {
            left = limit;
        }

        public void Spend()
        {
            left--;
            if (left < 0)
            {
                throw new PatternProblem("the search for the pattern takes too long");
            }
        }
    }

    /// <summary>One search: all ways through the pattern at once, the preferred one first.</summary>
    internal sealed class PatternSearch
    {
        private readonly List<Instruction> program;
        private readonly int[] codes;
        private readonly Budget budget;
        private readonly int[] nothing;
        private readonly int[] seenAt;
        private int step;

        public PatternSearch(List<Instruction> program, int groups, int[] codes, Budget budget)
        {
            this.program = program;
            this.codes = codes;
            this.budget = budget;
            nothing = new int[2 * groups + 2];
            for (int index = 0; index < nothing.Length; index++)
            {
                nothing[index] = -1;
            }
            seenAt = new int[program.Count];
        }

        public int[] Run(int start)
        {
            var threads = new List<KeyValuePair<int, int[]>>();
            int[] matched = null;
            step = 1;
            for (int at = start; at <= codes.Length; at++)
            {
                if (matched == null)
                {
                    Add(threads, 0, nothing, at);
                }
                else if (threads.Count == 0)
                {
                    break;
                }
                var following = new List<KeyValuePair<int, int[]>>();
                step++;
                foreach (KeyValuePair<int, int[]> thread in threads)
                {
                    Instruction instruction = program[thread.Key];
                    if (instruction.Operation == Operation.Match)
                    {
                        matched = thread.Value;
                        break;
                    }
                    if (at < codes.Length && instruction.Takes(codes[at]))
                    {
                        Add(following, thread.Key + 1, thread.Value, at + 1);
                    }
                }
                threads = following;
            }
            return matched;
        }

        // Follows what takes no character. Each instruction is entered once a character, so the first way there wins.
        private void Add(List<KeyValuePair<int, int[]>> threads, int place, int[] spans, int at)
        {
            var waiting = new Stack<KeyValuePair<int, int[]>>();
            waiting.Push(new KeyValuePair<int, int[]>(place, spans));
            while (waiting.Count > 0)
            {
                KeyValuePair<int, int[]> next = waiting.Pop();
                int here = next.Key;
                if (seenAt[here] == step)
                {
                    continue;
                }
                seenAt[here] = step;
                budget.Spend();
                Instruction instruction = program[here];
                switch (instruction.Operation)
                {
                    case Operation.Jump:
                        waiting.Push(new KeyValuePair<int, int[]>(instruction.One, next.Value));
                        break;
                    case Operation.Split:
                        waiting.Push(new KeyValuePair<int, int[]>(instruction.Other, next.Value));
                        waiting.Push(new KeyValuePair<int, int[]>(instruction.One, next.Value));
                        break;
                    case Operation.Save:
                        var saved = (int[])next.Value.Clone();
                        saved[instruction.One] = at;
                        waiting.Push(new KeyValuePair<int, int[]>(here + 1, saved));
                        break;
                    case Operation.Assert:
                        if (Holds(instruction.One, at))
                        {
                            waiting.Push(new KeyValuePair<int, int[]>(here + 1, next.Value));
                        }
                        break;
                    default:
                        threads.Add(next);
                        break;
                }
            }
        }

        private bool Holds(int edge, int at)
        {
            if (edge == Pattern.EdgeStart)
            {
                return at == 0;
            }
            if (edge == Pattern.EdgeEnd)
            {
                return at == codes.Length;
            }
            bool before = at > 0 && IsWord(codes[at - 1]);
            bool behind = at < codes.Length && IsWord(codes[at]);
            return before != behind;
        }

        private static bool IsWord(int code)
        {
            return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') || code == '_' || (code >= 'a' && code <= 'z');
        }
    }
}
