// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Reads cases from standard input, one a line, calls the rules extension and prints what came of each.
// A line holds tab-separated fields: number, entry point, rule name, then KEY=VALUE. A text is a dot and Base64 of UTF-8; a list has commas between.
//   cs=TYPE,DN  cs.ATTRIBUTE=TEXTS  mv=TYPE  mv.ATTRIBUTE=TEXTS  db0=TYPE  db0.ATTRIBUTE=TEXTS  agent=NAME  connectors=NUMBER  taken=TEXTS  keep=1
// `keep` calls the extension that the line before called (its memory counts); else a new one is made.
// The answer: number, outcome (done, yes:TYPE, no:TYPE, throws:EXCEPTION), then written attributes as KEY=TEXTS.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Tests
{
    internal static class Runner
    {
        private static readonly UTF8Encoding Encoding = new UTF8Encoding(false);
        private static AgentRules agentRules = new AgentRules();
        private static ProvisioningRules provisioningRules = new ProvisioningRules();

        private static void Main()
        {
            using (var input = new StreamReader(Console.OpenStandardInput(), Encoding))
            using (var output = new StreamWriter(Console.OpenStandardOutput(), Encoding))
            {
                output.NewLine = "\n";
                for (string line = input.ReadLine(); line != null; line = input.ReadLine())
                {
                    output.WriteLine(Run(line.Split('\t')));
                }
            }
        }

        private static string Run(string[] parts)
        {
            var fields = parts.Skip(3).Select(part => part.Split(new[] { '=' }, 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            if (!fields.ContainsKey("keep"))
            {
                agentRules = new AgentRules();
                provisioningRules = new ProvisioningRules();
            }
            var scene = new Scene(fields);
            string outcome;
            try
            {
                outcome = Call(parts[1], parts[2], scene);
            }
            catch (Exception problem)
            {
                return parts[0] + "\tthrows:" + problem.GetType().Name;
            }
            return string.Join("\t", new[] { parts[0], outcome }.Concat(scene.Written()));
        }

        private static string Call(string entryPoint, string rule, Scene scene)
        {
            switch (entryPoint)
            {
                case "project":
                    string type;
                    bool projects = agentRules.ShouldProjectToMV(scene.Space, out type);
                    return (projects ? "yes:" : "no:") + type;
                case "import":
                    agentRules.MapAttributesForImport(rule, scene.Space, scene.Metaverse);
                    return "done";
                case "export":
                    agentRules.MapAttributesForExport(rule, scene.Metaverse, scene.Space);
                    return "done";
                case "provision":
                    provisioningRules.Provision(scene.Metaverse);
                    return "done";
                default:
                    throw new ArgumentException("There is no entry point " + entryPoint);
            }
        }

        internal static string[] Decode(string list)
        {
            return list.Length == 0 ? new string[0] : list.Split(',').Select(text => Encoding.GetString(Convert.FromBase64String(text.Substring(1)))).ToArray();
        }

        internal static string Encode(IEnumerable<string> texts)
        {
            return string.Join(",", texts.Select(text => "." + Convert.ToBase64String(Encoding.GetBytes(text))));
        }
    }

    /// <summary>The objects of one case.</summary>
    internal sealed class Scene
    {
        private readonly FakeStore store;
        private readonly IDictionary<string, string> fields;

        public Scene(IDictionary<string, string> fields)
        {
            this.fields = fields;
            store = new FakeStore(Text("agent", "SPMA"), int.Parse(Text("connectors", "0")), Runner.Decode(Text("taken", string.Empty)));
            var agents = new FakeAgents(new[] { store });
            string[] space = Text("cs", "user,").Split(',');
            var schema = fields.ContainsKey("store") ? Schemas.Store() : Schemas.Directory();
            Space = new FakeCsEntry(space[0], string.Concat(Runner.Decode(space[1])), Filled("cs.", schema), store);
            Metaverse = new FakeMvEntry(Text("mv", "person"), Filled("mv.", Schemas.Metaverse()), agents);
            Utils.Metaverse = new List<MVEntry>();
            for (int index = 0; fields.ContainsKey("db" + index); index++)
            {
                Utils.Metaverse.Add(new FakeMvEntry(fields["db" + index], Filled("db" + index + ".", Schemas.Metaverse()), agents));
            }
        }

        public FakeCsEntry Space { get; private set; }

        public FakeMvEntry Metaverse { get; private set; }

        public IEnumerable<string> Written()
        {
            var lines = Changed("cs.", Space.Attributes).Concat(Changed("mv.", Metaverse.Attributes)).ToList();
            foreach (FakeCsEntry entry in store.Started.Where(item => item.Committed))
            {
                lines.Add("new=" + entry.ObjectType);
                lines.AddRange(Changed("new.", entry.Attributes));
            }
            lines.Sort(StringComparer.Ordinal);
            return lines;
        }

        private static IEnumerable<string> Changed(string lead, AttributeSet attributes)
        {
            return attributes.All.Where(item => item.Written).Select(item => lead + item.Name + "=" + Runner.Encode(item.Texts));
        }

        private AttributeSet Filled(string lead, IEnumerable<FakeAttrib> schema)
        {
            var attributes = new AttributeSet(schema);
            foreach (string key in fields.Keys.Where(name => name.StartsWith(lead, StringComparison.Ordinal)))
            {
                foreach (string text in Runner.Decode(fields[key]))
                {
                    attributes.Find(key.Substring(lead.Length)).Texts.Add(text);
                }
            }
            return attributes;
        }

        private string Text(string key, string otherwise)
        {
            string value;
            return fields.TryGetValue(key, out value) ? value : otherwise;
        }
    }
}
