using System.Reflection;
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

    private static IEnumerable<string> Slots(string text) => System.Text.RegularExpressions.Regex.Matches(text, @"\{\d\}").Select(m => m.Value).Order(StringComparer.Ordinal);
}
