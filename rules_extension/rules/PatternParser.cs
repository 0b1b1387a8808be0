// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Reads a pattern and makes its program. Twin of plugin_utils/rules/pattern.py.

using System;
using System.Collections.Generic;

namespace MimSync.SharePoint.Rules
{
    /// <summary>A part of a pattern writes itself behind a program.</summary>
    internal delegate void Part(List<Instruction> program);

    internal sealed class PatternParser
    {
        private const int MostRepeats = 100;
        private const int MostInstructions = 5000;
        private const int MostGroups = 20;

        private static readonly List<int[]> Digits = new List<int[]> { new[] { 48, 57 } };
        private static readonly List<int[]> Words = new List<int[]> { new[] { 48, 57 }, new[] { 65, 90 }, new[] { 95, 95 }, new[] { 97, 122 } };
        private static readonly List<int[]> Spaces = new List<int[]> { new[] { 9, 13 }, new[] { 32, 32 } };

        private readonly string text;
        private readonly int[] codes;
        private readonly bool ignoreCase;
        private int at;
        private int depth;

        public PatternParser(string text, bool ignoreCase)
        {
            this.text = text;
            this.ignoreCase = ignoreCase;
            codes = RuleText.Codes(text);
        }

        public int Groups { get; private set; }

        public List<Instruction> Program()
        {
            Part whole = Choice();
            if (at < codes.Length)
            {
                throw Fail("a closing bracket too many");
            }
            var program = new List<Instruction> { new Instruction { Operation = Operation.Save, One = 0 } };
            whole(program);
            program.Add(new Instruction { Operation = Operation.Save, One = 1 });
            program.Add(new Instruction { Operation = Operation.Match });
            if (program.Count > MostInstructions)
            {
                throw Fail("the pattern is too large");
            }
            return program;
        }

        private PatternProblem Fail(string what)
        {
            return new PatternProblem(what + " at character " + (at + 1) + " of the pattern " + RuleText.Shortened(text));
        }

        private int Peek(int ahead = 0)
        {
            return at + ahead < codes.Length ? codes[at + ahead] : -1;
        }

        private bool Take(char expected)
        {
            if (Peek() != expected)
            {
                return false;
            }
            at++;
            return true;
        }

        private Part Choice()
        {
            var members = new List<Part> { Sequence() };
            while (Take('|'))
            {
                members.Add(Sequence());
            }
            return members.Count == 1 ? members[0] : program => EmitChoice(members, program);
        }

        private static void EmitChoice(List<Part> members, List<Instruction> program)
        {
            var ends = new List<Instruction>();
            for (int index = 0; index < members.Count - 1; index++)
            {
                var split = new Instruction { Operation = Operation.Split };
                program.Add(split);
                split.One = program.Count;
                Emit(members[index], program);
                var end = new Instruction { Operation = Operation.Jump };
                program.Add(end);
                ends.Add(end);
                split.Other = program.Count;
            }
            Emit(members[members.Count - 1], program);
            foreach (Instruction end in ends)
            {
                end.One = program.Count;
            }
        }

        private static void Emit(Part part, List<Instruction> program)
        {
            if (program.Count <= MostInstructions)
            {
                part(program);
            }
        }

        private Part Sequence()
        {
            var members = new List<Part>();
            while (Peek() >= 0 && Peek() != '|' && Peek() != ')')
            {
                members.Add(Repeated());
            }
            return program => members.ForEach(member => Emit(member, program));
        }

        private Part Repeated()
        {
            bool edge;
            Part part = Single(out edge);
            int least;
            int most;
            if (!Bounds(out least, out most))
            {
                return part;
            }
            if (edge)
            {
                throw Fail("an edge cannot be repeated");
            }
            bool lazy = Take('?');
            if (Peek() == '*' || Peek() == '+' || Peek() == '?' || (Peek() == '{' && Peek(1) >= '0' && Peek(1) <= '9'))
            {
                throw Fail("two repetitions behind each other");
            }
            return program => EmitRepeat(part, least, most, lazy, program);
        }

        // `most` -1: without end.
        private static void EmitRepeat(Part part, int least, int most, bool lazy, List<Instruction> program)
        {
            for (int count = 0; count < least; count++)
            {
                Emit(part, program);
            }
            var splits = new List<Instruction>();
            int first = program.Count;
            for (int count = 0; count < (most < 0 ? 1 : most - least); count++)
            {
                var split = new Instruction { Operation = Operation.Split, One = program.Count + 1 };
                program.Add(split);
                splits.Add(split);
                Emit(part, program);
            }
            if (most < 0)
            {
                program.Add(new Instruction { Operation = Operation.Jump, One = first });
            }
            foreach (Instruction split in splits)
            {
                split.Other = lazy ? split.One : program.Count;
                split.One = lazy ? program.Count : split.One;
            }
        }

        private bool Bounds(out int least, out int most)
        {
            least = 0;
            most = -1;
            if (Take('*'))
            {
                return true;
            }
            if (Take('+'))
            {
                least = 1;
                return true;
            }
            if (Take('?'))
            {
                most = 1;
                return true;
            }
            if (Peek() != '{')
            {
                return false;
            }
            at++;
            least = Count();
            most = Take(',') ? (Peek() == '}' ? -1 : Count()) : least;
            if (!Take('}') || Math.Max(least, most) > MostRepeats || (most >= 0 && most < least))
            {
                throw Fail("a repetition out of order or above " + MostRepeats);
            }
            return true;
        }

        private int Count()
        {
            int number = 0;
            int start = at;
            while (Peek() >= '0' && Peek() <= '9' && at - start < 5)
            {
                number = number * 10 + codes[at++] - '0';
            }
            if (at == start)
            {
                throw Fail("a brace that is no repetition; write \\{ for the character");
            }
            return number;
        }

        private Part Single(out bool edge)
        {
            int code = Peek();
            edge = false;
            if (code == '*' || code == '+' || code == '?' || code == '{' || code == '}' || code == ']')
            {
                throw Fail("a sign that has nothing to stand for");
            }
            at++;
            switch (code)
            {
                case '(':
                    return Group();
                case '[':
                    return Set();
                case '\\':
                    return Escaped(out edge);
                case '^':
                    edge = true;
                    return Edge(Pattern.EdgeStart);
                case '$':
                    edge = true;
                    return Edge(Pattern.EdgeEnd);
                case '.':
                    return OneOf(new List<int[]> { new[] { 10, 10 } }, true);
                default:
                    return Literal(code);
            }
        }

        private static Part Edge(int kind)
        {
            return program => program.Add(new Instruction { Operation = Operation.Assert, One = kind });
        }

        private static Part OneOf(List<int[]> ranges, bool negated)
        {
            return program => program.Add(new Instruction { Operation = Operation.Set, Ranges = ranges, Negated = negated });
        }

        private Part Literal(int code)
        {
            int wanted = Folded(code);
            return OneOf(new List<int[]> { new[] { wanted, wanted } }, false);
        }

        private int Folded(int code)
        {
            return ignoreCase && code <= 0xFFFF ? RuleText.Capital((char)code) : code;
        }

        private Part Group()
        {
            int number = 0;
            if (Peek() == '?' && Peek(1) == ':')
            {
                at += 2;
            }
            else if (Peek() == '?')
            {
                throw Fail("a group of a kind that rules do not know; there are ( ) and (?: )");
            }
            else
            {
                number = ++Groups;
                if (number > MostGroups)
                {
                    throw Fail("more than " + MostGroups + " groups");
                }
            }
            if (++depth > MostRepeats)
            {
                throw Fail("groups nested too deep");
            }
            Part inside = Choice();
            depth--;
            if (!Take(')'))
            {
                throw Fail("a group that is not closed");
            }
            return number == 0 ? inside : program => EmitGroup(inside, number, program);
        }

        private static void EmitGroup(Part inside, int number, List<Instruction> program)
        {
            program.Add(new Instruction { Operation = Operation.Save, One = 2 * number });
            Emit(inside, program);
            program.Add(new Instruction { Operation = Operation.Save, One = 2 * number + 1 });
        }

        private Part Escaped(out bool edge)
        {
            edge = Peek() == 'b';
            if (edge)
            {
                at++;
                return Edge(Pattern.EdgeWord);
            }
            List<int[]> ranges = ClassOf(Peek() >= 'A' && Peek() <= 'Z' ? Peek() + 32 : Peek());
            if (ranges != null)
            {
                bool negated = codes[at++] < 'a';
                return OneOf(WithCapitals(ranges), negated);
            }
            return Literal(EscapedCode());
        }

        private static List<int[]> ClassOf(int name)
        {
            return name == 'd' ? Digits : name == 'w' ? Words : name == 's' ? Spaces : null;
        }

        private int EscapedCode()
        {
            int code = Peek();
            at++;
            if (code == 't' || code == 'n' || code == 'r')
            {
                return code == 't' ? 9 : code == 'n' ? 10 : 13;
            }
            if (code == 'u')
            {
                int value = 0;
                for (int count = 0; count < 4; count++)
                {
                    int digit = Peek() >= 0 && Peek() < 128 ? RuleText.DigitOf((char)Peek()) : -1;
                    value = digit < 0 ? 0xD800 : value * 16 + digit;
                    if (value >= 0xD800 && value <= 0xDFFF)
                    {
                        throw Fail("\\u wants four hexadecimal digits of a character");
                    }
                    at++;
                }
                return value;
            }
            if (code < 0 || code > 127 || char.IsLetterOrDigit((char)code))
            {
                throw Fail("a backslash before something that rules do not know, as references back are");
            }
            return code;
        }

        private Part Set()
        {
            bool negated = Take('^');
            var ranges = new List<int[]>();
            while (Peek() >= 0 && Peek() != ']')
            {
                ranges.AddRange(Member());
            }
            if (!Take(']') || ranges.Count == 0)
            {
                throw Fail("a set that is empty or is not closed");
            }
            return OneOf(WithCapitals(ranges), negated);
        }

        private List<int[]> Member()
        {
            int low = Peek();
            if (low == '[')
            {
                throw Fail("'[' inside of a set; write \\[ for the character");
            }
            at++;
            if (low == '\\')
            {
                List<int[]> known = ClassOf(Peek());
                if (known != null)
                {
                    at++;
                    return known;
                }
                low = EscapedCode();
            }
            int high = low;
            if (Peek() == '-' && Peek(1) != ']' && Peek(1) >= 0)
            {
                at++;
                high = Peek();
                at++;
                if (high == '[')
                {
                    throw Fail("a range that runs backwards");
                }
                high = high == '\\' ? EscapedCode() : high;
                if (high < low)
                {
                    throw Fail("a range that runs backwards");
                }
            }
            return new List<int[]> { new[] { low, high } };
        }

        // Single characters and the letters a to z get their capitals' codes beside; other ranges stay.
        private List<int[]> WithCapitals(List<int[]> ranges)
        {
            var all = new List<int[]>(ranges);
            if (!ignoreCase)
            {
                return all;
            }
            foreach (int[] range in ranges)
            {
                if (range[0] == range[1])
                {
                    int code = Folded(range[0]);
                    all.Add(new[] { code, code });
                }
                else if (Math.Max(range[0], 97) <= Math.Min(range[1], 122))
                {
                    all.Add(new[] { Math.Max(range[0], 97) - 32, Math.Min(range[1], 122) - 32 });
                }
            }
            return all;
        }
    }
}
