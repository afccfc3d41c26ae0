using System.Globalization;
using HallOps.Displays.Texts;

namespace HallOps.Displays.Tests;

public sealed class WhenTests
{
    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time + "+08:00", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2026-11-24T13:30", "13:30", "at 13:30")]
    [InlineData("2026-11-25T09:00", "明天 09:00", "tomorrow at 09:00")]
    // On a Tuesday.
    [InlineData("2026-11-26T09:00", "周四 09:00", "on Thursday at 09:00")]
    [InlineData("2026-11-30T09:00", "周一 09:00", "on Monday at 09:00")]
    [InlineData("2026-12-01T09:00", "12月1日 09:00", "on 1 December at 09:00")]
    [InlineData("2026-11-23T09:00", "11月23日 09:00", "on 23 November at 09:00")]
    public void Moment_IsSaidAsPeopleDo(string at, string zh, string en)
    {
        var words = When.Of(At(at), At("2026-11-24T11:55"));
        Assert.Equal((zh, en), (words.Zh, words.En));
    }

    [Fact]
    public void Day_IsTheHalls_WhateverOffsetTheClockHas() =>
        Assert.Equal("明天 09:00", When.Of(At("2026-11-25T09:00"), new DateTimeOffset(2026, 11, 23, 16, 30, 0, TimeSpan.Zero)).Zh);
}
