namespace HallOps.Core.Search;

/// <summary>The first letters of how Chinese is read: what people type who have only 26 keys, 低保 as <c>db</c>. Pure and safe from any thread.</summary>
public static partial class PinyinInitials
{
    private const char First = '\u4e00';

    /// <summary>More spellings than this of one text are of no use to anybody: 2 characters with a second reading make 4.</summary>
    private const int MaxSpellings = 8;

    /// <summary>
    /// Characters of names of services that are read in two ways with different initials, the other one beside the table's. GB 2312, whose first level is ordered by reading, has the first
    /// line of them elsewhere than the table; the second line is of words met in halls (银行, 调解, 会计, 重点, 单位 and surnames).
    /// </summary>
    private static readonly Dictionary<char, char> Others = Pairs(
        "辟b泊b长c匙c脯f蛤g槛j咯k咳k傀k埔p茄q炔q伺s厦x畜x吁y曾z轧z辗z椎z"
        + "行h调t会k重c单s解x乐y参s藏z传z朝z弹d降x系j校j省x折s识z宿x着z都d区o仇q查z石d盛c种c给j");

    /// <summary>
    /// How a text may be spelt in initials, small letters; the usual reading first, at most eight. Letters and digits stand for themselves, everything else is left out. One empty spelling for a text without either.
    /// </summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var spellings = new List<string> { "" };
        foreach (var character in text)
        {
            var letter = LetterOf(character);
            if (letter == default) continue;
            var known = spellings.Count;
            if (Others.TryGetValue(character, out var other) && other != letter && known * 2 <= MaxSpellings)
                for (var i = 0; i < known; i++) spellings.Add(spellings[i] + other);
            for (var i = 0; i < known; i++) spellings[i] += letter;
        }
        return spellings;
    }

    private static char LetterOf(char character) =>
        char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character)
        : character is >= First and <= '\u9fff' && Letters[character - First] is var letter and not '.' ? letter
        : default;

    private static Dictionary<char, char> Pairs(string pairs) => pairs.Chunk(2).ToDictionary(p => p[0], p => p[1]);
}
