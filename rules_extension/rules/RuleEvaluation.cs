// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Values and conditions of the rules file as functions of the objects at work. Twin of plugin_utils/engine/rules_file/evaluation.py.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Rules
{
    internal delegate List<string> Reader(Scene scene);

    internal delegate bool Check(Scene scene);

    /// <summary>The objects of one call; null where there is none.</summary>
    internal sealed class Scene
    {
        public Scene(CSEntry space, MVEntry metaverse, string agent)
        {
            Space = space;
            Metaverse = metaverse;
            Agent = agent;
        }

        public CSEntry Space { get; private set; }

        public MVEntry Metaverse { get; private set; }

        public string Agent { get; private set; }
    }

    internal sealed class LookupTable
    {
        public readonly Dictionary<string, string> Entries = new Dictionary<string, string>(StringComparer.Ordinal);
        public bool IgnoreCase;
    }

    /// <summary>What functions may ask for beside their values.</summary>
    internal sealed class Surroundings
    {
        public readonly DomainNames Domains = new DomainNames();
        public readonly Dictionary<string, LookupTable> Lookups = new Dictionary<string, LookupTable>(StringComparer.Ordinal);
        public readonly Dictionary<string, Reader> Values = new Dictionary<string, Reader>(StringComparer.Ordinal);
        public int TextLength;
        public long PatternSteps;
        public Scene Scene;

        public LookupTable Lookup(string name)
        {
            LookupTable table;
            if (!Lookups.TryGetValue(name, out table))
            {
                throw new RuleProblem("there is no lookup table named '" + name + "'");
            }
            return table;
        }

        public List<string> Named(string name)
        {
            Reader reader;
            if (!Values.TryGetValue(name, out reader))
            {
                throw new RuleProblem("there is no value named '" + name + "'");
            }
            return reader(Scene);
        }

        /// <summary>The values of the one metaverse object that holds a value; nothing without one.</summary>
        public List<string> Find(Arguments given, string value)
        {
            string attribute = given.Text("find");
            string type = RuleText.Upper(given.Text("type", string.Empty));
            try
            {
                List<MVEntry> found = Utils.FindMVEntries(attribute, value).Where(entry => type.Length == 0 || RuleText.Upper(entry.ObjectType) == type).ToList();
                if (found.Count > 1)
                {
                    throw new RuleProblem(found.Count + " metaverse objects hold " + RuleText.Shortened(value), attribute);
                }
                return found.Count == 0 ? new List<string>() : RuleValues.Texts(found[0][given.Text("give")]);
            }
            catch (NoSuchAttributeException problem)
            {
                throw new RuleProblem("is not in the metaverse's schema", problem.AttributeName);
            }
        }
    }

    internal sealed class Evaluation
    {
        private readonly Surroundings around;

        public Evaluation(Surroundings around)
        {
            this.around = around;
        }

        /// <summary>The value that an element holds: attributes or a template, then steps.</summary>
        public Reader Value(XmlElement holder)
        {
            XmlElement template = holder["template"];
            Reader source = template != null ? Template(template) : Attributes(holder);
            List<Transform> steps = Steps(holder);
            return scene =>
            {
                around.Scene = scene;
                List<string> texts = source(scene);
                steps.ForEach(step => texts = step(texts));
                return texts;
            };
        }

        private List<Transform> Steps(XmlElement holder)
        {
            return Children(holder, "step").ConvertAll(step => RuleFunctions.Find(step.GetAttribute("function"), GivenTo(step), around));
        }

        public static List<XmlElement> Children(XmlElement holder, string name)
        {
            return holder.ChildNodes.OfType<XmlElement>().Where(child => name == null || child.LocalName == name).ToList();
        }

        public static Arguments GivenTo(XmlElement holder)
        {
            return new Arguments(Children(holder, "argument").ToDictionary(item => item.GetAttribute("name"), item => item.GetAttribute("value")));
        }

        private Reader Attributes(XmlElement holder)
        {
            List<Reader> readers = Children(holder, "attribute").ConvertAll(Operand);
            return scene => readers.SelectMany(reader => reader(scene)).ToList();
        }

        private Reader Template(XmlElement template)
        {
            List<Func<Scene, string>> parts = Children(template, null).ConvertAll(Part);
            return scene =>
            {
                var pieces = new List<string>();
                foreach (Func<Scene, string> part in parts)
                {
                    string piece = part(scene);
                    if (piece == null)
                    {
                        return new List<string>();
                    }
                    pieces.Add(piece);
                }
                return new List<string> { RuleText.Checked(string.Concat(pieces.ToArray()), around.TextLength) };
            };
        }

        // One text, empty for an optional operand without a value, null for another.
        private Func<Scene, string> Part(XmlElement part)
        {
            if (part.LocalName == "text")
            {
                string literal = part.GetAttribute("value");
                return scene => literal;
            }
            Reader operand = Operand(part);
            List<Transform> steps = Steps(part);
            string whenEmpty = part.GetAttribute("optional") == "true" ? string.Empty : null;
            string name = part.GetAttribute("name");
            return scene =>
            {
                around.Scene = scene;
                List<string> texts = operand(scene);
                steps.ForEach(step => texts = step(texts));
                if (texts.Count > 1)
                {
                    throw new RuleProblem("holds " + texts.Count + " values where a template takes one; use first or join", name);
                }
                return texts.Count == 1 && texts[0].Length > 0 ? texts[0] : whenEmpty;
            };
        }

        private Reader Operand(XmlElement operand)
        {
            string name = operand.GetAttribute("name");
            switch (operand.GetAttribute("side"))
            {
                case "value":
                    return scene =>
                    {
                        around.Scene = scene;
                        return around.Named(name);
                    };
                case "pseudo":
                    return scene => Pseudo(name, scene);
                case "cs":
                    return scene => RuleValues.Read(scene.Space, name, around.TextLength);
                case "mv":
                    return scene => RuleValues.Read(scene.Metaverse, name, around.TextLength);
                default:
                    throw new RuleProblem("'" + operand.GetAttribute("side") + "' is no side of an attribute");
            }
        }

        // What belongs to the objects themselves; nothing where there is no such object.
        private static List<string> Pseudo(string name, Scene scene)
        {
            string text = null;
            switch (name)
            {
                case "dn":
                    text = scene.Space == null ? null : scene.Space.DN.ToString();
                    break;
                case "rdn":
                    text = scene.Space == null ? null : RuleNames.Component(scene.Space.DN.ToString(), 1);
                    break;
                case "object_type":
                    text = scene.Space != null ? scene.Space.ObjectType : scene.Metaverse == null ? null : scene.Metaverse.ObjectType;
                    break;
                case "object_id":
                    text = scene.Metaverse == null ? null : scene.Metaverse.ObjectID.ToString("B").ToUpperInvariant();
                    break;
                case "agent":
                    text = scene.Agent.Length == 0 ? null : scene.Agent;
                    break;
            }
            return text == null ? new List<string>() : new List<string> { text };
        }

        /// <summary>The conditions below `when`; without any, all objects pass.</summary>
        public Check When(XmlElement rule)
        {
            XmlElement when = rule["when"];
            if (when == null)
            {
                return scene => true;
            }
            return Condition(Children(when, null).Single());
        }

        private Check Condition(XmlElement condition)
        {
            if (condition.LocalName == "test")
            {
                return RuleTests.Find(condition, this, around);
            }
            List<Check> members = Children(condition, null).ConvertAll(Condition);
            switch (condition.LocalName)
            {
                case "all":
                    return scene => members.TrueForAll(member => member(scene));
                case "any":
                    return scene => members.Exists(member => member(scene));
                case "none":
                    return scene => !members.Exists(member => member(scene));
                case "one":
                    return scene => members.Count(member => member(scene)) == 1;
                default:
                    throw new RuleProblem("'" + condition.LocalName + "' is no condition");
            }
        }
    }
}
