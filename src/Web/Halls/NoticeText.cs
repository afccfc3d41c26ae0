using HallOps.Core.Halls;

namespace HallOps.Web.Halls;

/// <summary>A posted notice's words as the one text that its event names: Chinese, and behind a separator that nobody may write English where there is some.</summary>
public static class NoticeText
{
    // U+001E, "record separator": no keyboard has it and XML cannot even carry it.
    private const char Between = '\u001E';

    public const string Allowed = Words.TextAllowed + " without U+001E";

    public static bool IsText(string text) => Words.IsText(text) && !text.Contains(Between);

    public static string Join(string zh, string? en) => en is null ? zh : $"{zh}{Between}{en}";

    public static Text Split(string kept) => kept.IndexOf(Between) is >= 0 and var at ? new Text(kept[..at], kept[(at + 1)..]) : new Text(kept, null);
}
