// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Reads cases from standard input, one a line, calls the extension of a rules file and prints what came of each.
// A line holds tab-separated fields: number, entry point, rule name, then KEY=VALUE. A text is a dot and Base64 of UTF-16 (little endian, whole
// or not); a list has commas between. Entry point `load`: the rule name is a folder that holds the rules file.
//   cs=TYPE,DN  agent=NAME  cs.ATTRIBUTE=TEXTS  mv=TYPE  mv.ATTRIBUTE=TEXTS  db0=TYPE  db0.ATTRIBUTE=TEXTS
//   con0=AGENT,TYPE,DN  con0.ATTRIBUTE=TEXTS  taken=TEXTS
// The answer: number, outcome, then events and written attributes as texts.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.MetadirectoryServices;
using MimSync.SharePoint.Rules;

namespace MimSync.SharePoint.Tests
{
    internal static class RuleRunner
    {
        private static RuleFileAgentRules agentRules;
        private static RuleFileProvisioning provisioning;

        private static void Main()
        {
            using (var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)))
            using (var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)))
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
            Dictionary<string, string> fields = parts.Skip(3).Select(part => part.Split(new[] { '=' }, 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            var scene = new RuleScene(fields);
            string outcome;
            try
            {
                outcome = Call(parts[1], Decode(parts[2]).First(), scene);
            }
            catch (Exception problem)
            {
                return parts[0] + "\tthrows:" + problem.GetType().Name + "\t" + Encode(problem.Message);
            }
            return string.Join("\t", new[] { parts[0], outcome }.Concat(scene.Written().Select(Encode)));
        }

        private static string Call(string entryPoint, string rule, RuleScene scene)
        {
            switch (entryPoint)
            {
                case "load":
                    Environment.CurrentDirectory = rule;
                    agentRules = new RuleFileAgentRules();
                    provisioning = new RuleFileProvisioning();
                    agentRules.Initialize();
                    provisioning.Initialize();
                    return "done";
                case "filter":
                    return agentRules.FilterForDisconnection(scene.Space) ? "yes" : "no";
                case "project":
                    string type;
                    return agentRules.ShouldProjectToMV(scene.Space, out type) ? "yes:" + type : "no";
                case "import":
                    agentRules.MapAttributesForImport(rule, scene.Space, scene.Metaverse);
                    return "done";
                case "export":
                    agentRules.MapAttributesForExport(rule, scene.Metaverse, scene.Space);
                    return "done";
                case "join":
                    ValueCollection values = scene.Found;
                    agentRules.MapAttributesForJoin(rule, scene.Space, ref values);
                    return "done";
                case "resolve":
                    int index;
                    string unused = null;
                    bool joins = agentRules.ResolveJoinSearch(rule, scene.Space, Utils.Metaverse.ToArray(), out index, ref unused);
                    return joins ? "yes:" + index : "no";
                case "cleanup":
                    return agentRules.Deprovision(scene.Space).ToString();
                case "delete":
                    return provisioning.ShouldDeleteFromMV(scene.Space, scene.Metaverse) ? "yes" : "no";
                case "provision":
                    provisioning.Provision(scene.Metaverse);
                    return "done";
                default:
                    throw new ArgumentException("There is no entry point " + entryPoint);
            }
        }

        // Halves of surrogate pairs have to come through, so no Encoding is asked.
        internal static List<string> Decode(string list)
        {
            return list.Length == 0 ? new List<string>() : list.Split(',').Select(Characters).ToList();
        }

        private static string Characters(string packed)
        {
            byte[] bytes = Convert.FromBase64String(packed.Substring(1));
            var characters = new char[bytes.Length / 2];
            Buffer.BlockCopy(bytes, 0, characters, 0, bytes.Length);
            return new string(characters);
        }

        internal static string Encode(string text)
        {
            var bytes = new byte[text.Length * 2];
            Buffer.BlockCopy(text.ToCharArray(), 0, bytes, 0, bytes.Length);
            return "." + Convert.ToBase64String(bytes);
        }
    }

    /// <summary>The objects of one case.</summary>
    internal sealed class RuleScene
    {
        private readonly IDictionary<string, string> fields;
        private readonly List<string> events = new List<string>();
        private readonly FakeAttrib search = new FakeAttrib("search", AttributeType.String, true);

        public RuleScene(IDictionary<string, string> fields)
        {
            this.fields = fields;
            List<string> taken = RuleRunner.Decode(Text("taken"));
            var agents = new List<RuleAgent> { new RuleAgent("AD", false, taken, events), new RuleAgent("APP", true, taken, events) };
            var all = new FakeAgents(agents);
            for (int index = 0; fields.ContainsKey("con" + index); index++)
            {
                string[] parts = fields["con" + index].Split(',');
                var agent = (RuleAgent)all[parts[0]];
                var connector = new RuleConnector(parts[1], RuleRunner.Decode(parts[2]).First(), agent);
                Fill(connector.Attributes, "con" + index + ".");
                agent.Add(connector);
            }
            string[] space = Text("cs", "user,").Split(',');
            Space = new RuleConnector(space[0], string.Concat(RuleRunner.Decode(space[1])), new RuleAgent(Text("agent", "AD"), false, taken, events));
            Fill(Space.Attributes, "cs.");
            Metaverse = new FakeMvEntry(Text("mv", "person"), new AttributeSet(RuleSchema.All()), all);
            Fill(Metaverse.Attributes, "mv.");
            Utils.Metaverse = new List<MVEntry>();
            for (int index = 0; fields.ContainsKey("db" + index); index++)
            {
                var entry = new FakeMvEntry(fields["db" + index], new AttributeSet(RuleSchema.All()), all);
                Fill(entry.Attributes, "db" + index + ".");
                Utils.Metaverse.Add(entry);
            }
            Connected = agents;
        }

        public RuleConnector Space { get; private set; }

        public FakeMvEntry Metaverse { get; private set; }

        public ValueCollection Found
        {
            get { return search.Values; }
        }

        private List<RuleAgent> Connected { get; set; }

        public IEnumerable<string> Written()
        {
            var lines = new List<string>(events) { "cs " + RuleSchema.Shown(Space.Attributes), "mv " + RuleSchema.Shown(Metaverse.Attributes) };
            lines.Add("search " + string.Join("|", search.Texts.ToArray()));
            lines.AddRange(Connected.SelectMany(agent => agent.All).Select(item => "held " + item.DN + " " + RuleSchema.Shown(item.Attributes)));
            return lines;
        }

        private void Fill(AttributeSet attributes, string lead)
        {
            foreach (string key in fields.Keys.Where(name => name.StartsWith(lead, StringComparison.Ordinal)))
            {
                RuleRunner.Decode(fields[key]).ForEach(text => attributes.Find(key.Substring(lead.Length)).Texts.Add(text));
            }
        }

        private string Text(string key, string otherwise = "")
        {
            string value;
            return fields.TryGetValue(key, out value) ? value : otherwise;
        }
    }
}
