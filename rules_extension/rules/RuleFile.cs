// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// The rules file: read once when the service loads the extension. Its form is written by plugin_utils/rules/xml_writer.py.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Rules
{
    /// <summary>A rule of any kind: which objects it is for, and its element for the rest.</summary>
    internal sealed class Rule
    {
        public Rule(XmlElement element, Check when)
        {
            Element = element;
            When = when;
            Name = element.GetAttribute("name");
            Agent = element.GetAttribute("agent");
            ObjectType = element.GetAttribute("object-type");
            MetaverseType = element.GetAttribute("mv-type");
        }

        public XmlElement Element { get; private set; }

        public string Name { get; private set; }

        public string Agent { get; private set; }

        public string ObjectType { get; private set; }

        public string MetaverseType { get; private set; }

        public Reader Value { get; set; }

        private Check When { get; set; }

        public bool Fits(Scene scene)
        {
            if (Agent.Length > 0 && !Same(scene.Agent, Agent))
            {
                return false;
            }
            bool isConnectorRule = Element.LocalName != "provisioning";
            if (isConnectorRule && ObjectType.Length > 0 && (scene.Space == null || !Same(scene.Space.ObjectType, ObjectType)))
            {
                return false;
            }
            if (MetaverseType.Length > 0 && (scene.Metaverse == null || !Same(scene.Metaverse.ObjectType, MetaverseType)))
            {
                return false;
            }
            return Guarded(scene, () => When(scene));
        }

        public static bool Same(string left, string right)
        {
            return RuleText.Upper(left) == RuleText.Upper(right);
        }

        /// <summary>Problems of rules become an exception that names rule, object and attribute.</summary>
        public T Guarded<T>(Scene scene, Func<T> work)
        {
            string attribute = string.Empty;
            Exception found;
            try
            {
                return work();
            }
            catch (RuleProblem problem)
            {
                attribute = problem.Attribute.Length == 0 ? string.Empty : ", attribute '" + problem.Attribute + "'";
                found = problem;
            }
            catch (PatternProblem problem)
            {
                found = problem;
            }
            throw new UnexpectedDataException("rule '" + Name + "', object '" + ObjectName(scene) + "'" + attribute + ": " + found.Message, found);
        }

        private static string ObjectName(Scene scene)
        {
            if (scene.Space != null && scene.Space.DN.ToString().Length > 0)
            {
                return scene.Space.DN.ToString();
            }
            if (scene.Metaverse == null)
            {
                return string.Empty;
            }
            foreach (string name in new[] { "displayName", "accountName", "cn" })
            {
                try
                {
                    Attrib attribute = scene.Metaverse[name];
                    if (attribute.IsPresent)
                    {
                        return scene.Metaverse.ObjectType + " " + attribute.Value;
                    }
                }
                catch (NoSuchAttributeException)
                {
                    continue;
                }
            }
            return scene.Metaverse.ObjectType;
        }
    }

    internal sealed class RuleFile
    {
        public const string FileName = "MimSync.Rules.xml";
        private const string FormatVersion = "1";

        private readonly XmlElement root;
        private readonly Surroundings around = new Surroundings();

        public RuleFile(string path)
        {
            root = Load(path);
            around.TextLength = int.Parse(root.GetAttribute("text-length"), CultureInfo.InvariantCulture);
            around.PatternSteps = long.Parse(root.GetAttribute("pattern-steps"), CultureInfo.InvariantCulture);
            Evaluation = new Evaluation(around);
            Evaluation.Children(root, "lookup").ForEach(ReadLookup);
            foreach (XmlElement value in Evaluation.Children(root, "value"))
            {
                around.Values[value.GetAttribute("name")] = Checked(value, () => Evaluation.Value(value));
            }
        }

        public Evaluation Evaluation { get; private set; }

        /// <summary>The file that lies beside the assembly.</summary>
        public static RuleFile Beside()
        {
            return new RuleFile(Path.Combine(Utils.ExtensionsDirectory, FileName));
        }

        /// <summary>The rules of a kind in the order in which they are tried.</summary>
        public List<Rule> Rules(string kind)
        {
            return Evaluation.Children(root, kind).ConvertAll(element => Checked(element, () => Prepared(element)));
        }

        private Rule Prepared(XmlElement element)
        {
            var rule = new Rule(element, Evaluation.When(element));
            if (element.LocalName == "flow")
            {
                rule.Value = Evaluation.Value(element);
            }
            return rule;
        }

        private static T Checked<T>(XmlElement element, Func<T> make)
        {
            try
            {
                return make();
            }
            catch (Exception problem)
            {
                throw new InvalidDataException(FileName + ", " + element.LocalName + " '" + element.GetAttribute("name") + "': " + problem.Message, problem);
            }
        }

        private static XmlElement Load(string path)
        {
            var document = new XmlDocument { XmlResolver = null };
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
            using (XmlReader reader = XmlReader.Create(path, settings))
            {
                document.Load(reader);
            }
            XmlElement root = document.DocumentElement;
            if (root.LocalName != "mimsync-rules" || root.GetAttribute("version") != FormatVersion)
            {
                throw new InvalidDataException(path + " is no rules file of version " + FormatVersion + ".");
            }
            return root;
        }

        private void ReadLookup(XmlElement element)
        {
            var table = new LookupTable { IgnoreCase = element.GetAttribute("ignore-case") == "true" };
            foreach (XmlElement entry in Evaluation.Children(element, "entry"))
            {
                string key = entry.GetAttribute("key");
                table.Entries[table.IgnoreCase ? RuleText.Upper(key) : key] = entry.GetAttribute("value");
            }
            around.Lookups[element.GetAttribute("name")] = table;
        }
    }
}
