using System.Reflection;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Displays.Texts;
using HallOps.Web.Problems;

namespace HallOps.Displays.Tests;

public sealed class TextTests
{
    private static IEnumerable<Type> Classes() => typeof(TextFile).Assembly.GetTypes().Where(t => t.GetProperty("File", BindingFlags.Public | BindingFlags.Static)?.PropertyType == typeof(TextFile));

    public static IEnumerable<TheoryDataRow<string>> Files() => Classes().Select(t => new TheoryDataRow<string>(t.Name));

    [Theory, MemberData(nameof(Files))]
    public void EveryKey_IsThereInBothLanguages_AndHasItsProperty(string name)
    {
        var type = Classes().Single(t => t.Name == name);
        var file = (TextFile)type.GetProperty("File")!.GetValue(null)!;
        var zh = file.Keys(Language.Zh).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(zh);
        Assert.Equal(zh, file.Keys(Language.En).Order(StringComparer.Ordinal));
        Assert.All(zh, key =>
        {
            var text = file.Find(key)!;
            Assert.False(string.IsNullOrWhiteSpace(text.Zh));
            Assert.False(string.IsNullOrWhiteSpace(text.En));
            Assert.Equal(Slots(text.Zh), Slots(text.En!));
        });
        if (type == typeof(ProblemTexts)) return;
        Assert.Equal(zh, type.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == typeof(Text)).Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryFileOfTexts_HasItsClass()
    {
        var classes = Classes().Select(t => $"HallOps.Displays.Texts.{((TextFile)t.GetProperty("File")!.GetValue(null)!).Name}.resources").Order(StringComparer.Ordinal);
        Assert.Equal(typeof(TextFile).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(".resources", StringComparison.Ordinal)).Order(StringComparer.Ordinal), classes);
    }

    [Fact]
    public void EveryCodeOnTheWire_HasASentenceForPeople() =>
        Assert.DoesNotContain(Sentences.Codes, code => ProblemTexts.File.Find(code) is null);

    /// <summary>A text that nobody shows is translated for nothing and lies about the pages.</summary>
    [Theory, MemberData(nameof(Files))]
    public void EveryKey_IsSaidByAPageOrAScript(string name)
    {
        var type = Classes().Single(t => t.Name == name);
        // What is wrong is told by the server's codes, all of which have a sentence; keys of its own are looked for below.
        if (type == typeof(ProblemTexts)) return;
        var file = (TextFile)type.GetProperty("File")!.GetValue(null)!;
        var prefix = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(file.Name) + ".";
        var pages = Sources("*.razor", "*.cs").Where(s => Path.GetFileName(s.Path) != name + ".cs").Select(s => s.Text).ToList();
        // A class that says its texts itself, by what it is asked, has them outside of its properties.
        var own = string.Join('\n', Sources(name + ".cs").Single().Text.Split('\n').Where(line => !line.Contains("=> File.Of()", StringComparison.Ordinal) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
        var scripts = Sources("*.js").Select(s => s.Text).ToList();
        // A script may put a key together of a beginning and what a state, grade or outcome is called on the wire.
        var begun = scripts.SelectMany(s => System.Text.RegularExpressions.Regex.Matches(s, $@"['""`]{System.Text.RegularExpressions.Regex.Escape(prefix)}(\w*)(?:'\s*\+|\$\{{.*?\}}(?:\$\{{.*?\}})?(\w*)`)"))
            .Select(m => (Begins: m.Groups[1].Value, Ends: m.Groups[2].Value)).ToHashSet();
        var unused = file.Keys(Language.Zh).Where(key =>
        {
            var camel = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(key);
            return !System.Text.RegularExpressions.Regex.IsMatch(own, $@"(?<!\.)\b{key}\b")
                && !pages.Exists(p => System.Text.RegularExpressions.Regex.IsMatch(p, $@"\b{name}\.{key}\b"))
                && !scripts.Exists(s => System.Text.RegularExpressions.Regex.IsMatch(s, $@"['""`](?:{System.Text.RegularExpressions.Regex.Escape(prefix)})?{camel}['""`]"))
                && !begun.Any(b => camel.Length > b.Begins.Length + b.Ends.Length && camel.StartsWith(b.Begins, StringComparison.Ordinal) && camel.EndsWith(b.Ends, StringComparison.Ordinal)
                    && Wire.Contains(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(camel[b.Begins.Length..^b.Ends.Length])));
        }).Order(StringComparer.Ordinal).ToList();
        Assert.True(unused.Count == 0, $"Nothing says {name}.{string.Join(", ", unused)}: show it or delete it.");
    }

    private static readonly HashSet<string> Wire =
        [.. ((Type[])[typeof(WindowStatus), typeof(TicketState), typeof(Grade), typeof(PauseReason), typeof(LegOutcome), typeof(FinishOutcome), typeof(CallReason), typeof(AppointmentState), typeof(SessionKind)])
            .SelectMany(Enum.GetNames).Select(n => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(n))];

    private static IEnumerable<(string Path, string Text)> Sources(params string[] patterns)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HallOps.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        var displays = Path.Combine(folder.FullName, "src", "Displays");
        foreach (var pattern in patterns)
            foreach (var path in Directory.EnumerateFiles(displays, pattern, SearchOption.AllDirectories))
            {
                var within = Path.GetRelativePath(displays, path).Split(Path.DirectorySeparatorChar);
                if (within[0] is "bin" or "obj" || within.Contains("lib")) continue;
                yield return (path, File.ReadAllText(path));
            }
    }

    private static IEnumerable<string> Slots(string text) => System.Text.RegularExpressions.Regex.Matches(text, @"\{\d\}").Select(m => m.Value).Order(StringComparer.Ordinal);
}
