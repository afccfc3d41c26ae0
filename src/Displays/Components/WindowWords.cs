using HallOps.Core.Halls;
using HallOps.Displays.Texts;

namespace HallOps.Displays.Components;

/// <summary>What a window's state is called.</summary>
public static class WindowWords
{
    /// <summary>A window by its number, as people say it.</summary>
    public static Text Number(string window) => CommonTexts.WindowNumber.With(window);

    public static Text Of(WindowStatus state) => state switch
    {
        WindowStatus.Closed => CommonTexts.Closed,
        WindowStatus.Idle => CommonTexts.Idle,
        WindowStatus.Calling => CommonTexts.Calling,
        WindowStatus.Serving => CommonTexts.Serving,
        WindowStatus.Paused => CommonTexts.Paused,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "A window's state without words."),
    };
}
