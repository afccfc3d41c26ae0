using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What an answer that is not a success means to the person at the page, by its code on the wire.</summary>
public static class ProblemTexts
{
    public static TextFile File { get; } = new("Problem");

    /// <summary>The sentence of a code on the wire; that of an unnamed fault where it has none.</summary>
    public static Text Of(string code) => File.Find(code) ?? File.Of("Unexpected");
}
